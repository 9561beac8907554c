// The examples that need containers, run as a reader runs them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { guestKernel } from "@meseta/drivers/container/machine/guest-kernel.rig.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const needed = ["/usr/bin/crun", "/bin/busybox", "/usr/lib/cni/bridge", "/usr/bin/qemu-system-x86_64"];
const isMissing = process.getuid?.() !== 0 || !needed.every((path) => existsSync(path));

describe.skipIf(isMissing && process.env["CI"] !== "true")("the examples", () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    cluster = await RunningCluster.start(["--agents", "2"]);
  });
  afterAll(() => cluster.remove());

  /** What it prints; its stderr goes to the test's. */
  async function run(example: string, ...args: string[]): Promise<string> {
    const { PATH } = process.env;
    const env = { ...process.env, MESETA_MASTER: cluster.ready.master, PATH: `${dirname(process.execPath)}:${PATH}` };
    const child = spawn(`${examples}${example}/run.sh`, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    await once(child, "close");
    return out;
  }

  it("build an image, run it, and look inside", async () => {
    const out = await run("container");
    expect(out.match(/a page in a container/g)).toHaveLength(3);
    expect(out).toContain("httpd -f -p 8080");
  });

  it("run a pod whose server shows what its sidecar writes", async () => {
    expect(await run("pod-with-sidecar")).toMatch(/\d\d:\d\d:\d\d.*\nthe server may only read\n$/);
  });

  it("count in a volume that survives its tasks, and erase it", async () => {
    const out = await run("persistent-volume");
    expect(out).toMatch(/^this is start 1\nthis is start 2\n/);
    expect(out).toMatch(/the volume is erased\n$/);
  });

  it("run a virtual machine", async () => {
    const out = await run("virtual-machine", guestKernel().kernel);
    expect(out).toContain("I was asked: how are you");
  });
});
