// The examples of services and jobs, run as a reader runs them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

describe("the examples of services and jobs", () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    cluster = await RunningCluster.start(["--agents", "2"]);
  });
  afterAll(() => cluster.remove());

  /** What it prints; its stderr, which shows how deployments go, goes to the test's. */
  async function run(example: string): Promise<string> {
    const { master, init, chronos, metronome } = cluster.ready;
    const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
    const env = {
      ...process.env,
      MESETA_MASTER: master,
      MESETA_INIT: init!,
      MESETA_CRON: metronome!,
      CHRONOS: chronos!,
      PATH,
    };
    const child = spawn(`${examples}${example}/run.sh`, {
      env,
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 100_000,
    });
    let out = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    await once(child, "close");
    return out;
  }

  it("upgrade an app while it serves, and go back", async () => {
    const out = await run("rolling-upgrade");
    expect(out).toContain("  1  start /shop/web\n  2  scale /shop/web\n");
    expect(
      out
        .match(/version \d/g)
        ?.join(" ")
        .replaceAll("version ", ""),
    ).toBe("1 1 1 2 2 2 1 1 1");
  });

  it("bring green up beside blue, and let blue go", async () => {
    expect(await run("blue-green")).toBe("blue\nblue\ngreen\ngreen\n/shop/blue 0\n/shop/green 2\n");
  });

  it("keep pods running, whose servers show what their sidecars write", async () => {
    const out = await run("service-pod");
    expect(out.match(/\d\d:\d\d:\d\d/g)).toHaveLength(2);
    expect(out).toMatch(/\/shop\/backend {2}● stable +3\/3/);
  });

  it("count in a volume that a restart leaves alone, and give it back at the end", async () => {
    const out = await run("resident-service");
    expect(out).toMatch(/^this is start 1\nthis is start 2\n/);
    expect(out).toMatch(/shop_counter#data#\S+ +S\d +shop +16 MiB +data +yes/);
  });

  it("run a job by hand, and another one after it", async () => {
    const said = ["every day at 02:30 Europe/Berlin", "backup", "└─ report", "copied", "reported"];
    expect(await run("nightly-jobs")).toBe(said.map((line) => `${line}\n`).join(""));
  });

  it("join what two jobs have loaded, by Chronos' API", async () => {
    const links = ["link,customers,join", "link,orders,join"];
    const nodes = ["customers", "join", "orders"].map((job) => `node,${job},success,idle`);
    expect(await run("chronos-pipeline")).toBe([...links, ...nodes].map((line) => `${line}\n`).join(""));
  });
});
