// From the call of a session to its first byte, in a container with an image, on a master and an agent as a user starts them. Beside each,
// in the same run, what it cannot do without: `crun exec` of the same command in a container of crun's own. Needs root, crun and
// busybox-static. `node bench/exec.ts [TIMES]`
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { makeBundle } from "@meseta/drivers/launch/bundle.rig.ts";
import { connectAgent } from "@meseta/sdk/operator/connect.ts";
import { boxImage } from "../test/box-image.ts";
import { Commands } from "./load/commands.ts";
import { Part } from "./load/processes.ts";
import { line, median, millis, quantile } from "./measure/numbers.ts";

const TIMES = Number(process.argv[2] ?? 200);
const WARM_UP = 10;
const COMMAND = ["/bin/echo", "x"];

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-exec-"));
  try {
    await compare(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function compare(dir: string): Promise<void> {
  await using master = await Part.start("master");
  const flags = ["--resources", "cpus:100;mem:10000;disk:10000", "--hostname", "a", "--root-tasks"];
  await using agent = await Part.start("agent", "--master", master.url, ...flags);
  const commands = new Commands(master.url, "a");
  const parent = await sleepIn(commands, boxImage(join(dir, "image")));
  using bare = new BareContainer(dir);
  const client = connectAgent(agent.url);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = -WARM_UP; i < TIMES; i++) {
    const times = [await bare.exec(), await session(client, parent)] as const;
    if (i < 0) continue;
    theirs.push(times[0]);
    ours.push(times[1]);
  }
  client.close();
  await commands.end();
  const show = (times: number[]) => `p99 ${millis(quantile(times, 0.99))}`;
  line("bare: crun exec, first byte", millis(median(theirs)), show(theirs));
  const ratio = `${(median(ours) / median(theirs)).toFixed(2)} × bare`;
  line("exec to first byte", millis(median(ours)), show(ours), ratio, "goal 40 ms");
}

/** A task in the image that only sleeps; its container. */
async function sleepIn(commands: Commands, image: string): Promise<ContainerID> {
  const offer = await commands.offer();
  const running = Promise.withResolvers<ContainerID>();
  const task = commands.task(offer, "sleep 100000", ({ state, message, container_status }) => {
    if (state === "TASK_RUNNING") running.resolve(container_status!.container_id!);
    else if (state !== "TASK_STARTING") running.reject(new Error(`${state}: ${message}`));
  });
  const docker = { name: image };
  await commands.launch(offer, [
    { ...task, container: { type: "MESOS", mesos: { image: { type: "DOCKER", docker } } } },
  ]);
  return running.promise;
}

/** Milliseconds until the first byte was here. Resolves when the session is over. */
async function session(client: ReturnType<typeof connectAgent>, parent: ContainerID): Promise<number> {
  const container_id = { value: randomUUID(), parent };
  const command = { shell: false, value: COMMAND[0]!, arguments: COMMAND };
  const startMs = performance.now();
  let firstMs = Number.NaN;
  for await (const _ of await client.launchNestedContainerSession({ container_id, command }))
    if (Number.isNaN(firstMs)) firstMs = performance.now() - startMs;
  await client.removeContainer(container_id);
  return firstMs;
}

/** A container that crun runs by itself. On machines with cgroups of both versions crun must not see the second. */
class BareContainer implements Disposable {
  readonly #crun: string;

  constructor(dir: string) {
    this.#crun = `umount /sys/fs/cgroup/unified 2>/dev/null; exec crun --root ${dir}/crun --cgroup-manager=disabled`;
    makeBundle(join(dir, "bundle"), { args: ["sleep", "100000"] });
    const words = this.#words(`run --detach -b ${dir}/bundle bare`);
    const { status } = spawnSync("unshare", words, { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) throw new Error("crun runs no container here");
  }

  async exec(): Promise<number> {
    const startMs = performance.now();
    const child = spawn("unshare", this.#words(`exec bare ${COMMAND.join(" ")}`), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    await once(child.stdout!, "data");
    const ms = performance.now() - startMs;
    await ended;
    return ms;
  }

  [Symbol.dispose](): void {
    spawnSync("unshare", this.#words("delete --force bare"), { stdio: "ignore" });
  }

  #words(call: string): string[] {
    return ["--mount", "sh", "-c", `${this.#crun} ${call}`];
  }
}

await main();
