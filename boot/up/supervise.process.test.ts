import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import type { Failure } from "@meseta/shell/core/failure.ts";
import { expect, it } from "vitest";
import { Supervised } from "./supervise.ts";

const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));
const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };
const dir = testFolder("supervise");

it("a part that runs and never serves is given up, with its last words, and ends when it is stopped", async () => {
  const logFile = join(dir, "mute.log");
  writeFileSync(logFile, "I wait for the moon\n");
  const part = {
    name: "mute",
    args: [],
    command: ["sleep", "1000"],
    serves: () => new Promise<never>(() => {}),
    logFile,
  };
  const mute = new Supervised(part, NO_LOG);
  expect(await mute.start(100).catch((error: Failure) => error.problem)).toMatchObject({
    code: "not-started",
    message: "the mute did not start",
    why: "it did not serve within 0.1 s; its last words: I wait for the moon",
  });
  await mute.stop("leave-tasks", 60_000);
  expect(() => process.kill(mute.pid!, 0)).toThrow("ESRCH");
});

it.runIf(process.getuid?.() === 0)("up on a machine whose loopback device is down says so, and does not start", () => {
  const { status, stderr } = spawnSync("unshare", ["-n", MESETA, "up", "--dir", join(dir, "down")], {
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("the cluster did not start");
  expect(stderr).toContain("ENETUNREACH");
  expect(stderr).toContain("ip link set lo up");
});
