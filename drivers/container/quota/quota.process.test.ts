import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../launch/heard.ts";
import { isRunning, Room } from "../room.ts";
import { walk } from "./walk.ts";

const isRoot = process.getuid?.() === 0;

describe("a container with a limit of its disk", () => {
  const room = new Room();
  afterEach(() => room.clear());

  /** Its own folder in the sandbox, and a quota for it. */
  function filling(id: string, shell: string, diskBytes: number) {
    const workingDirectory = join(room.sandbox, id);
    mkdirSync(workingDirectory);
    return { ...room.spec(id, shell), workingDirectory, limits: { diskBytes } };
  }

  test("is ended when it fills it, with the reason, and its neighbour goes on", async () => {
    const { containers, heard } = await room.open({ diskWatchMs: 20 });
    containers.launch(filling("greedy", "head -c 2000000 /dev/zero > big; exec sleep 1000", 1 << 20));
    containers.launch(filling("modest", "echo little > small; exec sleep 1000", 1 << 20));
    const { pid } = await heard.started("modest");
    expect(await heard.exited("greedy")).toMatchObject({
      waitStatus: 9,
      limitation: {
        reason: "REASON_CONTAINER_LIMITATION_DISK",
        message: expect.stringMatching(/^Disk usage \(\d+KB\) exceeds quota \(1MB\)$/),
        diskBytes: 1 << 20,
      },
    });
    expect(isRunning(pid)).toBe(true);
    const statistics = await containers.statistics("modest");
    expect(statistics).toMatchObject({ disk_limit_bytes: 1 << 20 });
    expect(statistics!.disk_used_bytes).toBeLessThan(100_000);
  });

  test("goes on when the limit is soft, which is told with what it uses", async () => {
    const { containers, heard } = await room.open({ diskWatchMs: 20, enforceDisk: false });
    containers.launch(filling("greedy", "head -c 2000000 /dev/zero > big; echo full; exec sleep 1000", 1 << 20));
    const { pid } = await heard.started("greedy");
    await until(async () => ((await containers.statistics("greedy"))?.disk_used_bytes ?? 0) > 2_000_000);
    expect(await containers.statistics("greedy")).toMatchObject({ disk_limit_bytes: 1 << 20 });
    expect(isRunning(pid)).toBe(true);
  });

  test("is ended when it overfills a persistent volume, by the next life of the agent as well", async () => {
    const first = await room.open();
    const path = join(room.dir, "volume");
    mkdirSync(path);
    const wait = `while [ ! -e go ]; do sleep 0.02; done; head -c 2000000 /dev/zero >${path}/big; exec sleep 1000`;
    const spec = filling("greedy", wait, 1 << 20);
    const volumes = [{ id: "data", path, bytes: 1 << 20 }];
    first.containers.launch({ ...spec, limits: { volumes } });
    await first.heard.started("greedy");
    first.containers.close();
    writeFileSync(join(room.sandbox, "greedy", "go"), "");
    const { heard } = await room.open({ diskWatchMs: 20 });
    const message = expect.stringMatching(
      /^Disk usage \(\d+KB\) of the persistent volume 'data' exceeds quota \(1MB\)$/,
    );
    expect(await heard.exited("greedy")).toMatchObject({ limitation: { message, diskBytes: 1 << 20 } });
  });

  test("is ended by the next life of the agent as well, and the reason outlives a life that could not tell it", async () => {
    const first = await room.open();
    const wait = "while [ ! -e go ]; do sleep 0.02; done; head -c 2000000 /dev/zero > big; exec sleep 1000";
    first.containers.launch(filling("greedy", wait, 1 << 20));
    await first.heard.started("greedy");
    first.containers.close();
    writeFileSync(join(room.sandbox, "greedy", "go"), "");
    const second = await room.open({ diskWatchMs: 20 });
    const exit = await second.heard.exited("greedy");
    expect(exit).toHaveProperty("limitation.diskBytes", 1 << 20);
    second.containers.close();
    const third = await room.open();
    const [known] = await third.containers.recover();
    expect(known?.exit).toEqual({ waitStatus: 9, limitation: exit.limitation });
  });
});

test.runIf(isRoot)("a walk stays on its file system", async () => {
  const dir = mkdtempSync(join(tmpdir(), "meseta-quota-"));
  const mounted = join(dir, "mounted");
  mkdirSync(mounted);
  execFileSync("mount", ["-t", "tmpfs", "none", mounted]);
  try {
    writeFileSync(join(mounted, "big"), Buffer.alloc(1 << 20, 1));
    const steps = walk([dir]);
    let step = await steps.next();
    while (!step.done) step = await steps.next();
    expect(step.value).toBeLessThan(100_000);
  } finally {
    execFileSync("umount", [mounted]);
    rmSync(dir, { recursive: true });
  }
});
