import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerEvent } from "@meseta/kernel/core/agent/ports.ts";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../launch/heard.ts";
import { gone, Room } from "./room.ts";

const room = new Room();
const isRoot = process.getuid?.() === 0;
const inCI = process.env["CI"] === "true";

afterEach(() => room.clear());

describe("the record", () => {
  test("with a torn last line is read up to there", async () => {
    const record = await recordOfOneExit();
    appendFileSync(record, "0123456789abcdef\tS\ttorn\t1");
    expect(await (await room.open()).containers.recover()).toMatchObject([{ id: "a", exit: { waitStatus: 2 << 8 } }]);
  });

  test("that is damaged is refused, with the place, and not read as empty", async () => {
    const record = await recordOfOneExit();
    const bytes = readFileSync(record);
    const middle = bytes.indexOf("\n") + 30;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(record, bytes);
    await expect(room.open()).rejects.toThrow(`launcher.record is damaged at byte ${bytes.indexOf("\n") + 1}`);
    truncateSync(record, 0);
  });

  test.skipIf(!isRoot && !inCI)(
    "on a full disk: new tasks are refused, running ones end as ever, and are told when there is room again",
    async () => {
      const small = join(room.build(), "launcher");
      mkdirSync(small);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k,mode=700", "tmpfs", small]);
      try {
        const log: string[] = [];
        const { containers, heard } = await room.open({ log: (text) => log.push(text) });
        containers.launch(room.spec("a", "while [ ! -e go ]; do sleep 0.01; done; exit 8"));
        const { pid } = await heard.started("a");
        execFileSync("sh", ["-c", `cat /dev/zero >${join(small, "filler")} 2>/dev/null || true`]);
        // The last page of the record has room for a few lines more; these use it up.
        const refused = await untilRefused(containers, heard.all);
        expect(refused).toMatchObject({
          cause: "machine",
          message: expect.stringContaining("No space left on device"),
        });
        writeFileSync(join(room.sandbox, "go"), "");
        await gone(pid);
        await until(() => log.some((text) => text.includes("cannot write its record")));
        expect(heard.all.some((event) => event.type === "exited" && event.id === "a")).toBe(false);
        execFileSync("rm", [join(small, "filler")]);
        expect(await heard.exited("a")).toMatchObject({ waitStatus: 8 << 8 });
        containers.launch(room.spec("b", "exit 0"));
        await heard.exited("b");
        for (const event of heard.all) if (event.type === "exited") containers.forget(event.id);
        await containers.stop();
      } finally {
        await room.close();
        execFileSync("umount", ["-l", small]);
      }
    },
  );
});

type Opened = Awaited<ReturnType<Room["open"]>>;

async function recordOfOneExit(): Promise<string> {
  const { containers, heard } = await room.open();
  containers.launch(room.spec("a", "exit 2"));
  await heard.exited("a");
  await containers.stop();
  return join(room.dir, "launcher", "launcher.record");
}

async function untilRefused(
  containers: Opened["containers"],
  told: readonly ContainerEvent[],
): Promise<ContainerEvent | undefined> {
  for (let i = 0; i < 200; i++) {
    containers.launch(room.spec(`filler${i}`, "exit 0"));
    await until(() => told.some((event) => event.id === `filler${i}`));
    const refused = told.find((event) => event.type === "launch_failed");
    if (refused) return refused;
  }
  return undefined;
}
