import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, lstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { AgentFiles } from "@meseta/kernel/io/agent/files.ts";
import { Users } from "@meseta/kernel/io/agent/users.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EscapeRoom } from "./escapes.rig.ts";

/** What a container leaves in its sandbox for the agent and the launcher to fall over. */
describe("files that a container left behind", () => {
  const room = new EscapeRoom();
  const secret = "swordfish";
  beforeAll(() => room.begin("crun"));
  afterAll(() => room.clear());

  const files = () =>
    new AgentFiles(
      { read: async () => [{ names: ["/task"], directory: room.sandbox, volumes: [] }] } as never,
      undefined,
      new Users(),
    );

  async function left(id: string, shell: string): Promise<string> {
    const machine = join(realpathSync(room.dir), "secret");
    execFileSync("sh", ["-c", `printf ${secret} >${machine}`]);
    const { user: _, ...spec } = room.isolated(id, shell.replaceAll("MACHINE", machine), { rootAllowed: false });
    await room.said(room.agent, { ...spec, stdout: `${room.dir}/${id}.out`, stderr: `${room.dir}/${id}.out` });
    return machine;
  }

  test("a link to a file of the machine is not followed by who asks for its text, size or bytes", async () => {
    await left("link", "ln -s MACHINE /sandbox/link");
    expect(readFileSync(join(room.sandbox, "link"), "utf8")).toBe(secret);
    expect(await files().read("/task/link", 0, undefined)).toMatchObject({ status: 404 });
    expect(await files().read("/task/link", -1, undefined)).toMatchObject({ status: 404 });
    expect(await files().download("/task/link")).toMatchObject({ status: 404 });
    const listed = await files().list("/task");
    // What is told is the link: its size is the length of its target's name.
    const link = Array.isArray(listed) ? listed.find(({ path }) => path === "/task/link") : undefined;
    expect(link?.size).toBe(lstatSync(join(room.sandbox, "link")).size);
    expect(link?.size).not.toBe(secret.length);
  });

  test("a link to a folder of the machine leads nobody into it", async () => {
    await left("folder", "ln -s $(dirname MACHINE) /sandbox/folder; ln -s .. /sandbox/up");
    expect(readFileSync(join(room.sandbox, "folder/secret"), "utf8")).toBe(secret);
    for (const path of ["/task/folder/secret", "/task/up/secret", "/task/../secret"])
      expect(await files().read(path, 0, undefined)).toMatchObject({ status: 404 });
    expect(await files().list("/task/folder")).toMatchObject({ status: 404 });
  });

  test("a link to a device of the machine is not even opened, which could be an order to it", async () => {
    // A pipe stands for the device: whoever writes to it waits until somebody opens it.
    const pipe = join(realpathSync(room.dir), "pipe");
    execFileSync("mkfifo", [pipe]);
    const writer = spawn("sh", ["-c", `echo opened >${pipe}`], { stdio: "ignore" });
    await left("device", "ln -s $(dirname MACHINE)/pipe /sandbox/device");
    expect(await files().read("/task/device", 0, undefined)).toMatchObject({ status: 404 });
    expect(writer.exitCode).toBe(null);
    const ended = once(writer, "exit");
    while (writer.exitCode === null && writer.signalCode === null) {
      closeSync(openSync(join(room.sandbox, "device"), constants.O_RDONLY | constants.O_NONBLOCK));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await ended;
  });

  test("a pipe holds nobody up who wants to read it", async () => {
    await left("pipe", "mkfifo /sandbox/pipe");
    expect(await files().read("/task/pipe", 0, undefined)).toMatchObject({ status: 400 });
    expect(await files().download("/task/pipe")).toMatchObject({ status: 400 });
  });

  test.each([
    ["a link to a file of the machine", "ln -s MACHINE", "planted-link"],
    ["a pipe (Nomad's log pipes)", "mkfifo", "planted-pipe"],
  ])("%s in the place of its output is neither written to nor waited for, and others start", async (_, plant, id) => {
    const out = join(room.sandbox, id);
    const shell = `rm -f /sandbox/${id}; ${plant} /sandbox/${id}; head -c 300000 /dev/zero`;
    const machine = await planted(id, shell, out);
    expect(lstatSync(out).isFile()).toBe(false);
    room.agent.containers.launch({ ...room.isolated(`${id}-again`, "echo more"), stdout: out, stderr: out });
    const end = [room.agent.heard.failed(`${id}-again`), room.agent.heard.exited(`${id}-again`)];
    await Promise.race(end);
    expect(readFileSync(machine, "utf8")).toBe(secret);
    expect(await room.said(room.agent, { ...room.isolated(`${id}-neighbour`, "echo on"), stdout: `${out}.ok` })).toBe(
      "",
    );
    expect(readFileSync(`${out}.ok`, "utf8")).toBe("on\n");
  });

  async function planted(id: string, shell: string, out: string): Promise<string> {
    const machine = join(realpathSync(room.dir), "secret");
    execFileSync("sh", ["-c", `printf ${secret} >${machine}`]);
    const { containers, heard } = room.agent;
    const spec = room.isolated(id, shell.replaceAll("MACHINE", machine));
    containers.launch({ ...spec, stdout: out, stderr: out, rotation: { maxBytes: 65_536, keep: 1 } });
    await heard.exited(id);
    return machine;
  }
});
