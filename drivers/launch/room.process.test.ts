import { execFileSync } from "node:child_process";
import { chownSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./heard.ts";
import { LaunchRoom } from "./launch.rig.ts";
import { PipeInput } from "./pipe-input.ts";
import type { MountOrder, SpawnOrder } from "./protocol.ts";

const bind = 0x1000;
const readOnlyAgain = 0x1000 | 0x20 | 1;
const isRoot = process.getuid?.() === 0 || process.env["CI"] === "true";

let room: LaunchRoom;
beforeEach(() => {
  room = new LaunchRoom();
});
afterEach(() => room.clear());

describe.skipIf(!isRoot)("mounts of a process", () => {
  test("are carried out in order, and the machine never sees them", async () => {
    const { launcher, heard } = await room.open();
    for (const name of ["lower", "upper", "work", "root", "bound"]) mkdirSync(room.path(name));
    writeFileSync(room.path("lower/file"), "below");
    const before = room.mounts();
    const shell = "cat root/file bound/file; echo above >root/new; echo no >bound/new; cat gate; exit 0";
    const gate = room.gate("gate");
    launcher.spawn(
      room.order("a", shell, {
        mounts: [
          mount("overlay", "overlay", room.path("root"), 0, overlay()),
          mount("", room.path("root"), room.path("bound"), bind),
          mount("", "", room.path("bound"), readOnlyAgain),
        ],
      }),
    );
    await until(() => room.read("upper/new") === "above\n" && room.read("stderr").includes("Read-only"));
    expect(room.mounts()).toEqual(before);
    gate.open();
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 0 });
    expect(room.read("stdout")).toBe("belowbelow\n");
    expect(room.mounts()).toEqual(before);
  });

  test("of the machine are unmounted inside alone", async () => {
    const { launcher, heard } = await room.open();
    const before = room.mounts();
    launcher.spawn(
      room.order("a", "ls /proc | wc -l", {
        mounts: [
          { kind: "unmount", target: "/proc" },
          { kind: "unmount", target: room.dir },
          { kind: "unmount", target: "/no/such/place" },
        ],
      }),
    );
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 0 });
    expect(room.read("stdout")).toBe("0\n");
    expect(room.mounts()).toEqual(before);
  });

  test("are a namespace of its own also when there are none", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order("a", "readlink /proc/self/ns/mnt", { mounts: [] }));
    launcher.spawn(room.order("b", "readlink /proc/self/ns/mnt >other"));
    await heard.exit("a");
    await heard.exit("b");
    expect(room.read("stdout")).toMatch(/^mnt:/);
    expect(room.read("stdout")).not.toBe(room.read("other"));
  });

  const wrong: [MountOrder, Partial<{ stage: string; errno: number }>, RegExp][] = [
    [mount("overlay", "overlay", "/mnt", 0, "lowerdir=/no/such"), { stage: "mounts", errno: 2 }, /\/mnt: No such file/],
    [mount("tmpfs", "tmpfs", "/no/such/place"), { stage: "mounts", errno: 2 }, /\/no\/such\/place: No such file/],
    [mount("tmpfs", "tmpfs", "/mnt", 0, "x".repeat(4096)), { stage: "spec" }, /\/mnt are longer than a page/],
    [mount("tmpfs", "tmpfs", "mnt"), { stage: "spec" }, /not a mount/],
    [mount("tmp\0fs", "tmpfs", "/mnt"), { stage: "spec" }, /not a mount/],
  ];
  test.each(wrong.map(([order, fact, text]) => [text, order, fact] as const))(
    "that cannot be are told: %s",
    async (text, order, fact) => {
      const { launcher, heard } = await room.open();
      launcher.spawn(room.order("a", "echo never", { mounts: [order] }));
      expect(await heard.failed("a")).toMatchObject({ ...fact, text: expect.stringMatching(text) });
      expect(room.read("stdout")).toBe("");
    },
  );
});

describe("stdin", () => {
  test("is a file, when one is named", async () => {
    const { launcher, heard } = await room.open();
    writeFileSync(room.path("in"), "from a file", { mode: 0o600 });
    launcher.spawn(room.order("a", "cat", { stdin: room.path("in") }));
    await heard.exit("a");
    expect(room.read("stdout")).toBe("from a file");
  });

  test.skipIf(!isRoot)("is opened for a process that could not open it", async () => {
    const { launcher, heard } = await room.open();
    writeFileSync(room.path("in"), "secret", { mode: 0o600 });
    const outputs = { stdout: "/dev/null", stderr: "/dev/null" };
    mkdirSync(room.path("open"));
    chownSync(room.path("open"), 65534, 65534);
    launcher.spawn(room.order("a", "cat >open/out", { ...outputs, user: "nobody", stdin: room.path("in") }));
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 0 });
    expect(room.read("open/out")).toBe("secret");
  });

  test("that is not there fails the start", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order("a", "cat", { stdin: room.path("nothing") }));
    expect(await heard.failed("a")).toMatchObject({ stage: "output", errno: 2 });
  });
});

describe("an input that stays open", () => {
  test("brings what is written before and after the start, and its end", async () => {
    const { launcher, heard } = await room.open();
    const input = await PipeInput.make(launcher, room.path("pipe"));
    expect(statSync(room.path("pipe")).mode & 0o777).toBe(0o600);
    const early = input.write(Buffer.from("early "));
    launcher.spawn(room.order("a", "echo begun >&2; cat; exit 4", { stdin: input.path }));
    await heard.started("a");
    input.started();
    await early;
    await input.write(Buffer.from("late"));
    await until(() => room.read("stdout") === "early late");
    input.end();
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 4 << 8 });
    await input.close();
    expect(() => statSync(room.path("pipe"))).toThrow();
  });

  test("is not at its end while nothing is written", async () => {
    const { launcher, heard } = await room.open();
    const input = await PipeInput.make(launcher, room.path("pipe"));
    launcher.spawn(room.order("a", "read line; echo $? $line", { stdin: input.path }));
    await heard.started("a");
    input.started();
    await input.write(Buffer.from("word\n"));
    await heard.exit("a");
    expect(room.read("stdout")).toBe("0 word\n");
    await input.close();
  });

  test("slows down whoever writes to a slow reader, and drops what a dead one has not read", async () => {
    const { launcher, heard } = await room.open();
    const input = await PipeInput.make(launcher, room.path("pipe"));
    launcher.spawn(room.order("a", "exec sleep 1000", { stdin: input.path }));
    await heard.started("a");
    input.started();
    let taken = false;
    const big = input.write(Buffer.alloc(1 << 20)).then(() => (taken = true));
    const later = input.write(Buffer.from("more"));
    expect(await launcher.makeFifo(room.path("other"))).toBeUndefined();
    expect(taken).toBe(false);
    launcher.destroy("a");
    await heard.exit("a");
    await Promise.all([big, later]);
    await input.close();
  });

  test("of a writer that died is at its end", async () => {
    const { launcher, heard } = await room.open();
    await launcher.makeFifo(room.path("pipe"));
    launcher.spawn(room.order("a", "cat; exit 6", { stdin: room.path("pipe") }));
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 6 << 8 });
  });

  test("cannot be made where a file is in the way", async () => {
    const { launcher } = await room.open();
    writeFileSync(room.path("pipe"), "");
    await expect(PipeInput.make(launcher, room.path("pipe"))).rejects.toThrow(/pipe: File exists/);
  });
});

describe.skipIf(!isRoot)("outputs of another owner", () => {
  const owner = { outputOwner: "65534:65534" };

  test("are made by root, appended to, and given away", async () => {
    const { launcher, heard } = await room.open();
    writeFileSync(room.path("stdout"), "before\n");
    launcher.spawn(room.order("a", "id -u; echo err >&2", owner));
    await heard.exit("a");
    expect(room.read("stdout")).toBe("before\n0\n");
    for (const name of ["stdout", "stderr"])
      expect(statSync(room.path(name))).toMatchObject({ uid: 65534, gid: 65534, mode: 0o100644 });
  });

  test("stay near their bound with that owner's rights", async () => {
    const { launcher, heard } = await room.open();
    mkdirSync(room.path("box"));
    chownSync(room.path("box"), 65534, 65534);
    const order: Partial<SpawnOrder> = {
      ...owner,
      stdout: room.path("box/stdout"),
      rotateAtBytes: 65536,
      keepFiles: 1,
    };
    const gate = room.gate("gate");
    launcher.spawn(room.order("a", "head -c 300000 /dev/zero; read _ <gate; echo end", order));
    await until(() => room.read("box/stdout.1").length > 0 && room.read("box/stdout").length < 65536 * 2);
    expect(statSync(room.path("box/stdout.1"))).toMatchObject({ uid: 65534, gid: 65534 });
    gate.open();
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 0 });
    expect(room.read("box/stdout").endsWith("end\n")).toBe(true);
  });

  test("are never somebody else's file: planted links fail the start", async () => {
    const { launcher, heard } = await room.open();
    writeFileSync(room.path("precious"), "mine");
    linkSync(room.path("precious"), room.path("hard"));
    symlinkSync(room.path("precious"), room.path("soft"));
    execFileSync("mkfifo", [room.path("fifo")]);
    for (const name of ["hard", "soft", "fifo"]) {
      launcher.spawn(room.order(name, "echo bad", { ...owner, stdout: room.path(name) }));
      expect(await heard.failed(name)).toMatchObject({ stage: "output" });
    }
    expect(statSync(room.path("precious")).uid).toBe(process.getuid?.());
    expect(room.read("precious")).toBe("mine");
  });

  test("are not made behind a link in a folder that others can write to", async () => {
    const { launcher, heard } = await room.open();
    for (const name of ["box", "elsewhere", "elsewhere/child"]) mkdirSync(room.path(name));
    chownSync(room.path("box"), 65534, 65534);
    symlinkSync(room.path("elsewhere"), room.path("box/containers"));
    launcher.spawn(room.order("a", "echo bad", { ...owner, stdout: room.path("box/containers/child/stdout") }));
    expect(await heard.failed("a")).toMatchObject({ stage: "output" });
    expect(readdirSync(room.path("elsewhere/child"))).toEqual([]);
  });
});

function overlay(): string {
  return `lowerdir=${room.path("lower")},upperdir=${room.path("upper")},workdir=${room.path("work")}`;
}

function mount(type: string, source: string, target: string, flags = 0, data = ""): MountOrder {
  return { kind: "mount", type, source, target, flags, data };
}
