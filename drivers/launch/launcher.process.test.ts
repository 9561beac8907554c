import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./heard.ts";
import { gone, isRunning, LaunchRoom } from "./launch.rig.ts";
import type { LauncherEvent } from "./launcher.ts";

let room: LaunchRoom;
beforeEach(() => {
  room = new LaunchRoom();
});
afterEach(() => room.clear());

describe("a launcher ends", () => {
  test("when it is stopped in the moment of the last end", async () => {
    const { launcher, heard } = await room.open();
    for (let n = 0; n < 20; n++) launcher.spawn(room.order(`a${n}`, "(setsid sleep 1000 &); exit 0"));
    await heard.count(20, (event) => event.type === "started");
    const pids = heard.all.flatMap((event) => (event.type === "started" ? [event.pid] : []));
    await until(() => !pids.some(isRunning));
    await launcher.stop();
    await gone(launcher.pid);
  });

  test("when its folder is gone, nothing runs and nobody is there any more", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order("a", "exec sleep 1000"));
    const { pid } = await heard.started("a");
    launcher.close();
    rmSync(room.path("launcher"), { recursive: true });
    process.kill(pid, "SIGKILL");
    await gone(launcher.pid);
  });

  test("not when its folder is gone and a task runs, which it leaves alone", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order("a", "exec sleep 1000"));
    const { pid } = await heard.started("a");
    rmSync(room.path("launcher"), { recursive: true });
    launcher.spawn(room.order("b", "exit 0"));
    await heard.end("b");
    expect([isRunning(pid), isRunning(launcher.pid)]).toEqual([true, true]);
    launcher.destroy("a");
    await heard.exit("a");
    launcher.close();
    await gone(launcher.pid);
  });

  test("when it is stopped by a side that has just lost it", async () => {
    const { launcher } = await room.open();
    process.kill(launcher.pid, "SIGKILL");
    await gone(launcher.pid);
    await launcher.stop();
    await until(() => !processes().some((args) => args.trim() === `meseta-launcher ${room.path("launcher")}`));
  });
});

describe("one connection for several", () => {
  test("tells each what is its own, and what it found of it", async () => {
    const first = await room.open();
    for (const id of ["x-1", "y-1"]) first.launcher.spawn(room.order(id, "exec sleep 1000"));
    await first.heard.count(2, (event) => event.type === "started");
    first.launcher.close();
    const { launcher, heard } = await room.open();
    const mine: LauncherEvent[] = [];
    expect(launcher.claim("x-", (event) => mine.push(event)).tasks).toMatchObject([{ id: "x-1" }]);
    expect(launcher.found.tasks).toMatchObject([{ id: "y-1" }]);
    launcher.spawn(room.order("x-2", "exit 1"));
    for (const id of ["x-1", "y-1"]) launcher.destroy(id);
    await heard.exit("y-1");
    await until(() => mine.filter((event) => event.type === "exit").length === 2);
    expect(heard.all.filter((event) => event.type !== "trouble" && event.id.startsWith("x-"))).toEqual([]);
  });
});

function processes(): string[] {
  return execFileSync("ps", ["-eo", "args="], { encoding: "utf8" }).split("\n");
}
