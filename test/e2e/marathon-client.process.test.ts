import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const script = fileURLToPath(new URL("clients/marathon_client.py", import.meta.url));
const isMissing = !existsSync("/usr/lib/python3/dist-packages/marathon/client.py");

describe.skipIf(isMissing && process.env["CI"] !== "true")("Debian's python3-marathon", () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    cluster = await RunningCluster.start(["--agents", "2"]);
  });
  afterAll(() => cluster.remove());

  it("works with every method it has", async () => {
    const child = spawn("/usr/bin/python3", [script, cluster.ready.init!], { stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([out.trim().split("\n").length, err]).toEqual([36, ""]);
  });
});
