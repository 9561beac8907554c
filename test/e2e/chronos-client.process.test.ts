import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const script = fileURLToPath(new URL("clients/chronos_client.py", import.meta.url));
const library = fileURLToPath(new URL("../../node_modules/.cache/python", import.meta.url));
const isMissing = !existsSync(`${library}/chronos/__init__.py`);

describe.skipIf(isMissing && process.env["CI"] !== "true")("chronos-python", () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    cluster = await RunningCluster.start(["--agents", "1", "--no-init"]);
  });
  afterAll(() => cluster.remove());

  it("works with every method it has, in the words of 2.x and of 3.x", async () => {
    const env = { ...process.env, PYTHONPATH: library };
    const args = [script, new URL(cluster.ready.chronos!).host];
    const child = spawn("/usr/bin/python3", args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([out, err]).toEqual(["v1\nNone\n", ""]);
  });
});
