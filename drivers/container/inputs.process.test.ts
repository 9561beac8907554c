import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../launch/heard.ts";
import { OciRoom } from "./oci/oci.rig.ts";

const room = new OciRoom();
afterEach(() => room.clear());

const text = (words: string) => new TextEncoder().encode(words);

describe.each(["process", "crun", "runc"] as const)("a container of kind %s", (kind) => {
  const open = () => {
    room.runtime = kind === "runc" ? "runc" : "crun";
    return room.openOci();
  };
  const spec = (id: string, shell: string) => (kind === "process" ? room.spec(id, shell) : room.isolated(id, shell));

  test("reads what is written to its open input, to the end of it", async () => {
    const { containers, heard } = await open();
    containers.launch({ ...spec("a", "wc -c"), openInput: true });
    await heard.started("a");
    await containers.input("a")!.write(text("x".repeat(100_000)));
    containers.input("a")!.end();
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 0 });
    expect(room.read("stdout")).toBe("100000\n");
    expect(containers.input("a")).toBeUndefined();
  });

  test("has a terminal of the size that was asked for, which can change, and which takes keys", async () => {
    const { containers, heard } = await open();
    const shell = "stty size; trap 'stty size; exit 7' WINCH; tty; echo ready; while :; do sleep 0.05; done";
    containers.launch({ ...spec("a", shell), terminal: { rows: 30, columns: 90 } });
    await heard.started("a");
    await until(() => room.read("stdout").includes("ready"));
    expect(room.read("stdout")).toMatch(/^30 90\r\n\/dev\/(?:pts\/\d+|console)\r\nready\r\n$/);
    containers.input("a")!.resize({ rows: 40, columns: 100 });
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 7 << 8 });
    expect(room.read("stdout")).toMatch(/40 100\r\n$/);
  });

  test("has the output of its terminal in a file that belongs to whom its sandbox does", async () => {
    const { containers, heard } = await open();
    const owner = kind === "process" ? "65534:65534" : "0:0";
    room.ownedBy(owner);
    containers.launch({ ...spec("a", "echo hello"), terminal: { rows: 24, columns: 80 } });
    await heard.exited("a");
    expect(room.read("stdout")).toBe("hello\r\n");
    const { uid, gid } = statSync(join(room.sandbox, "stdout"));
    expect(`${uid}:${gid}`).toBe(owner);
  });

  test("leaves no folder of its input behind, also when it ends in a later life of the agent or between two", async () => {
    const first = await open();
    first.containers.launch({ ...spec("a", "exec sleep 1000"), openInput: true });
    first.containers.launch({ ...spec("b", "exec sleep 1000"), openInput: true });
    await Promise.all([first.heard.started("a"), first.heard.started("b")]);
    const folder = join(room.dir, "launcher/inputs");
    expect(readdirSync(folder)).toHaveLength(2);
    first.containers.close();
    mkdirSync(join(folder, "of-one-that-ended-meanwhile"));
    const second = await open();
    expect(readdirSync(folder)).toHaveLength(2);
    for (const id of ["a", "b"]) second.containers.destroy(id);
    await Promise.all([second.heard.exited("a"), second.heard.exited("b")]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is interrupted by Ctrl-C on its terminal, also by a later life of the agent", async () => {
    const first = await open();
    first.containers.launch({ ...spec("a", "echo ready; exec sleep 1000"), terminal: { rows: 24, columns: 80 } });
    await first.heard.started("a");
    await until(() => room.read("stdout").includes("ready"));
    first.containers.close();
    const second = await open();
    await second.containers.recover();
    void second.containers.input("a")!.write(text("\u0003"));
    await until(() => room.read("stdout").includes("^C"));
    // The first process of a pid namespace is spared signals that it does not handle.
    if (kind !== "process") second.containers.destroy("a");
    expect(await second.heard.exited("a")).toMatchObject({ waitStatus: expect.any(Number) });
  });
});

describe.each(["crun", "runc"] as const)("inside a container of %s", (runtime) => {
  test("a further process has its root, namespaces, environment and user, and dies with it", async () => {
    room.runtime = runtime;
    const { containers, heard } = await room.openOci();
    const main = room.isolated("main", "true");
    containers.launch({
      ...main,
      user: "alice",
      environment: { COLOUR: "blue" },
      command: { shell: "echo up; exec sleep 1000" },
    });
    await heard.started("main");
    await room.linesOf("stdout", 1);
    const { isolation: _, ...plain } = main;
    const shell =
      "id -u; id -G; echo $COLOUR $MORE; readlink /proc/self/ns/pid; readlink /proc/1/ns/pid; grep NoNew /proc/self/status";
    containers.launch({ ...plain, id: "more", inside: "main", command: { shell }, environment: { MORE: "red" } });
    expect(await heard.exited("more")).toMatchObject({ waitStatus: 0 });
    const [, uid, groups, colours, own, first, nnp] = room.read("stdout").split("\n");
    expect([uid, groups, colours, nnp]).toEqual(["1000", "1001 2000", "blue red", "NoNewPrivs:\t1"]);
    expect(own).toBe(first);
    containers.launch({ ...plain, id: "third", inside: "more", command: { shell: "exec sleep 1000" } });
    expect((await heard.failed("third")).message).toContain("does not run");
    containers.launch({ ...plain, id: "fourth", inside: "main", command: { shell: "exec sleep 1000" } });
    await heard.started("fourth");
    containers.destroy("main");
    await Promise.all([heard.exited("main"), heard.exited("fourth")]);
    await room.cleared();
  });
});
