import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../launch/heard.ts";
import { gone, isRunning } from "../room.ts";
import { Folders } from "./folder.ts";
import { OciRoom } from "./oci.rig.ts";
import type { Networks } from "./ports.ts";

const room = new OciRoom();
afterEach(() => {
  room.images.gate = Promise.resolve();
  return room.clear();
});

describe.each(["crun", "runc"] as const)("a container by %s", (runtime) => {
  const open = () => {
    room.runtime = runtime;
    return room.openOci();
  };

  test("runs in its image, exits, and leaves nothing behind", async () => {
    const agent = await open();
    const said = await room.said(agent, room.isolated("a", "cat /etc/passwd | head -1; pwd; echo done >file; exit 3"));
    expect(said).toBe("root:x:0:0:root:/root:/bin/sh\n/sandbox\n");
    expect(room.read("file")).toBe("done\n");
    expect(await agent.heard.exited("a")).toEqual({ type: "exited", id: "a", waitStatus: 3 << 8 });
    await room.cleared();
    expect(cgroupsOf(agent.containers.cgroups!, "a")).toEqual([]);
  });

  test("gets signals that it handles, and is told to have died of one that it does not", async () => {
    const { containers, heard } = await open();
    containers.launch(room.isolated("a", "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done"));
    containers.launch(room.isolated("b", "echo up >b; exec sleep 1000"));
    await Promise.all([heard.started("a"), heard.started("b"), room.linesOf("stdout", 1), room.linesOf("b", 1)]);
    containers.signal("a", 15, "leader");
    containers.signal("b", 15, "leader");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 5 << 8 });
    expect(await heard.exited("b")).toMatchObject({ waitStatus: 9 });
  });

  test("is killed whole, and leaves nothing behind", async () => {
    const { containers, heard } = await open();
    containers.launch(room.isolated("a", "sleep 1000 & setsid sleep 1000 & echo up; wait"));
    const [{ pid }] = await Promise.all([heard.started("a"), room.linesOf("stdout", 1)]);
    const all = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    containers.destroy("a");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 9 });
    expect([pid, ...all].filter(isRunning)).toEqual([]);
    await room.cleared();
  });

  test("goes on when the agent dies, and its exit is told to the next one", async () => {
    const first = await open();
    first.containers.launch(room.isolated("early", "while [ ! -e go ]; do sleep 0.02; done; exit 42"));
    first.containers.launch(room.isolated("late", "exec sleep 1000"));
    const [early] = await Promise.all([first.heard.started("early"), first.heard.started("late")]);
    first.containers.close();
    room.write("go", "");
    await gone(early.pid);
    const second = await open();
    const known = await second.containers.recover();
    expect(known.find((one) => one.id === "early")?.exit).toEqual({ waitStatus: 42 << 8 });
    expect([...room.images.holders]).toEqual(["late"]);
    second.containers.destroy("late");
    await second.heard.exited("late");
    await room.cleared();
  });

  test("whose agent dies while its image is on the way is not known afterwards, and nothing of it is left", async () => {
    const first = await open();
    room.images.gate = new Promise(() => {});
    first.containers.launch(room.isolated("a", "true"));
    await until(() => existsSync(join(room.dir, "containers/a")));
    first.containers.close();
    room.images.gate = Promise.resolve();
    const second = await open();
    expect(await second.containers.recover()).toEqual([]);
    await room.cleared();
    expect(first.heard.all).toEqual([]);
  });

  test("whose agent dies while the runtime works is found, running or ended, and goes away whole", async () => {
    for (let i = 0; i < 3; i++) {
      const first = await open();
      first.containers.launch(room.isolated(`a${i}`, "exec sleep 1000"));
      await until(() => existsSync(join(room.memory, `containers/a${i}/rights.json`)));
      // The order leaves in the same turn; the runtime is anywhere between its first and its last step by now.
      await new Promise(setImmediate);
      first.containers.close();
      const second = await open();
      const known = await second.containers.recover();
      for (const one of known.filter(({ exit }) => !exit)) {
        second.containers.destroy(one.id);
        await second.heard.exited(one.id);
      }
      await room.cleared();
    }
  });

  test("whose launcher dies goes on, is found again, and is killed whole", async () => {
    const log: string[] = [];
    room.runtime = runtime;
    const { containers, heard } = await room.openOci({ log: (text) => log.push(text) });
    containers.launch(room.isolated("a", "setsid sleep 1000 & echo up; wait"));
    const [{ pid }] = await Promise.all([heard.started("a"), room.linesOf("stdout", 1)]);
    process.kill(room.launcherPid(), "SIGKILL");
    await until(() => log.includes("attached to the launcher again"));
    expect(isRunning(pid)).toBe(true);
    containers.destroy("a");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: "lost" });
    expect(isRunning(pid)).toBe(false);
    await room.cleared();
  });

  test("that is destroyed while its image is on the way never starts", async () => {
    const { containers, heard } = await open();
    room.images.gate = new Promise(() => {});
    containers.launch(room.isolated("a", "true"));
    containers.signal("a", 15, "leader");
    containers.destroy("a");
    expect(await heard.failed("a")).toMatchObject({ message: "destroyed before it started" });
    room.images.gate = Promise.resolve();
    await room.cleared();
    containers.launch(room.isolated("a", "exit 4"));
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 4 << 8 });
  });

  test("runs beside a plain process of its group, under the same limits", async () => {
    const { containers, heard } = await open();
    containers.launch({ ...room.isolated("main", "exec sleep 1000"), limits: { cpus: 0.5 } });
    const { pid } = await heard.started("main");
    containers.launch({ ...room.spec("beside", "exec sleep 1000"), group: "main" });
    const other = await heard.started("beside");
    const cpu = (of: number) => /:cpu:(.*)|^0::(.*)$/m.exec(readFileSync(`/proc/${of}/cgroup`, "utf8"))?.[0];
    expect(cpu(other.pid)).toBe(cpu(pid));
    containers.destroy("main");
    await heard.exited("main");
    expect(isRunning(other.pid)).toBe(true);
  });
});

const sharing = (["crun", "runc"] as const).flatMap((runtime) => [
  { runtime, rootAllowed: true, users: "the machine's users" },
  { runtime, rootAllowed: false, users: "a user namespace each" },
]);
describe.each(sharing)(
  "containers of a group that share process ids, by $runtime with $users",
  ({ runtime, rootAllowed }) => {
    test("see one another, and go on when the first of them ends, also across agents; the namespace goes with the last", async () => {
      room.runtime = runtime;
      const network = { kind: "own", group: "pod", hostname: "pod", networks: [] } as const;
      room.networks = new OneNetwork();
      const first = await room.openOci();
      const shared = (id: string, shell: string) =>
        room.isolated(id, shell, { network, pidNamespace: "group", rootAllowed });
      first.containers.launch(shared("a", "echo up >a; exec sleep 4711"));
      await room.linesOf("a", 1);
      first.containers.launch(shared("b", "ps -o args | grep -c 'sleep 471[1]' >b; exec sleep 1000"));
      await Promise.all([first.heard.started("a"), first.heard.started("b"), room.linesOf("b", 1)]);
      expect(room.read("b")).toBe("1\n");
      first.containers.destroy("a");
      await first.heard.exited("a");
      first.containers.close();
      const second = await room.openOci();
      expect(await second.containers.recover()).toContainEqual(expect.objectContaining({ id: "b" }));
      second.containers.launch(shared("c", "ps -o args | grep -c 'sleep 100[0]' >c"));
      await second.heard.exited("c");
      expect(room.read("c")).toBe("1\n");
      second.containers.destroy("b");
      await second.heard.exited("b");
      await room.cleared();
      await until(() => readdirSync(join(room.dir, "pids")).length === 0);
    });
  },
);

/** The agent's own network as everybody's. */
class OneNetwork implements Networks {
  async join() {
    return {
      namespace: "/proc/self/ns/net",
      addresses: [],
      hosts: "/etc/hosts",
      hostname: "/etc/hostname",
      resolvConf: "/etc/resolv.conf",
    };
  }
  async leave() {}
  async recover() {}
  async sweep() {}
  joined(): undefined {}
}

describe("a sandbox below one whose user can move it", () => {
  test("is never what a link there leads to, which is neither mounted nor given away", async () => {
    const { containers, heard } = await room.openOci();
    for (const name of ["precious/child", "box"]) mkdirSync(join(room.dir, name), { recursive: true });
    chownSync(join(room.dir, "box"), 1000, 1001);
    symlinkSync(join(room.dir, "precious"), join(room.dir, "box/containers"));
    const sandbox = { host: join(room.dir, "box/containers/child"), inside: "/sandbox" };
    containers.launch({ ...room.isolated("a", "echo bad > stolen", { sandbox }), user: "alice" });
    expect((await heard.failed("a")).message).toContain("link that others can change");
    expect(statSync(sandbox.host).uid).toBe(0);
    expect(readdirSync(sandbox.host)).toEqual([]);
  });
});

describe("what an agent finds", () => {
  test("of containers is not one that begins while it looks", () => {
    const dir = join(room.build(), "containers");
    const memory = new MemoryFolder(dir);
    const folders = new Folders(dir, memory);
    const found = folders.all();
    folders.make("new");
    memory.remove("containers");
    expect(found).toEqual([]);
  });

  test("of containers that nobody knows it removes, and nothing else", async () => {
    const { containers, heard } = await room.openOci();
    containers.launch(room.isolated("a", "exec sleep 1000"));
    await heard.started("a");
    room.write("../containers/stray/root-upper/file", "left");
    mkdirSync(join(room.memory, "containers/stray"));
    containers.close();
    await room.openOci();
    await until(() => !existsSync(join(room.dir, "containers/stray")));
    expect(readdirSync(join(room.dir, "containers"))).toEqual(["a"]);
  });

  test("a further process in a container that is gone is refused, and never a plain one", async () => {
    const { containers, heard } = await room.openOci();
    containers.launch({ ...room.spec("b", "true"), inside: "gone" });
    expect(await heard.failed("b")).toMatchObject({ cause: "spec", message: "the container gone does not run" });
  });
});

function cgroupsOf(cgroups: { layout: object; base: string }, id: string): string[] {
  const mounts = Object.values(cgroups.layout).map((one) => (one as { mount: string }).mount);
  return [...new Set(mounts)].map((mount) => `${mount}/${cgroups.base}/${id}`).filter((path) => existsSync(path));
}
