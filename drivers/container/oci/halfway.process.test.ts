import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../launch/heard.ts";
import { gone } from "../room.ts";
import { OciRoom } from "./oci.rig.ts";
import { findRuntime } from "./runtime.ts";

const room = new OciRoom();
afterEach(() => room.clear());

describe.each(["crun", "runc"] as const)("between create and start of %s, which a hook holds up there,", (name) => {
  beforeEach(async () => {
    const dir = room.build();
    execFileSync("mkfifo", [join(dir, "gate")]);
    room.runtime = name;
    const runtime = await findRuntime(name, join(dir, "probe"));
    if (typeof runtime === "string") throw new Error(runtime);
    room.options = { runtime: { ...runtime, file: held(runtime.file) } };
  });
  afterEach(() => {
    room.options = {};
  });

  // It says where it is by its pid, and goes on when the gate opens.
  function held(runtime: string): string {
    const hook = ["sh", "-c", `echo $PPID >${room.dir}/at; read _ <${room.dir}/gate`];
    const hooks = JSON.stringify({ createRuntime: [{ path: "/bin/sh", args: hook, env: ["PATH=/usr/bin:/bin"] }] });
    writeFileSync(join(room.dir, "hooks"), `{"hooks":${hooks},`);
    const wrapper = join(room.dir, "held-runtime");
    const bundle = `${room.memory}/containers/a`;
    const edit = `(cat ${room.dir}/hooks; tail -c +2 ${bundle}/config.json) >${bundle}/new && mv ${bundle}/new ${bundle}/config.json`;
    writeFileSync(wrapper, `#!/bin/sh\n${edit}\nexec ${runtime} "$@"\n`, { mode: 0o755 });
    return wrapper;
  }

  const isHeld = () => until(() => existsSync(join(room.dir, "at")) && readAt() > 0);
  const readAt = () => Number(readFileSync(join(room.dir, "at"), "utf8"));
  const open = () => writeFileSync(join(room.dir, "gate"), "\n");

  test("the agent dies: the next one finds the container running, and it goes away whole", async () => {
    const first = await room.openOci();
    first.containers.launch(room.isolated("a", "exec sleep 1000"));
    await isHeld();
    first.containers.close();
    const next = room.openOci();
    open();
    const { containers, heard } = await next;
    expect(await containers.recover()).toMatchObject([{ id: "a", pid: expect.any(Number) }]);
    containers.destroy("a");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 9 });
    await room.cleared();
  });

  test("agent and launcher die: the next ones find it when it has started, and it goes away whole", async () => {
    const first = await room.openOci();
    first.containers.launch(room.isolated("a", "exec sleep 1000"));
    await isHeld();
    await room.killLauncher();
    const next = room.openOci();
    open();
    const { containers, heard } = await next;
    expect(await containers.recover()).toMatchObject([{ id: "a", pid: expect.any(Number) }]);
    containers.destroy("a");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: "lost" });
    await room.cleared();
  });

  test("all die, the runtime too: the container is lost, and nothing of it is left", async () => {
    const first = await room.openOci();
    first.containers.launch(room.isolated("a", "exec sleep 1000"));
    await isHeld();
    await room.killLauncher();
    process.kill(readAt(), "SIGKILL");
    await gone(readAt());
    const { containers } = await room.openOci();
    expect(await containers.recover()).toMatchObject([{ id: "a", exit: { waitStatus: "lost" } }]);
    containers.forget("a");
    await room.cleared();
  });
});
