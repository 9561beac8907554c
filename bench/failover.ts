// P5: from the kill -9 of the leader until a framework is offered resources by the next one: three masters on an etcd of three, two agents, all on this machine as
// `meseta up --masters 3` starts them. `node bench/failover.ts [KILLS [SIGNAL]]`: SIGSTOP for leaders that stand still instead.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { holderOf } from "../boot/up/addresses.ts";
import type { Ready } from "../boot/up/local-cluster.ts";
import { line, millis, quantile } from "./measure/numbers.ts";

const KILLS = Number(process.argv[2] ?? 20);
const SIGNAL = (process.argv[3] ?? "SIGKILL") as NodeJS.Signals;
const MESETA = fileURLToPath(new URL("../bin/meseta", import.meta.url));

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-failover-"));
  const up = spawn(
    MESETA,
    ["up", "--json", "--masters", "3", "--agents", "2", "--no-init", "--no-cron", "--dir", dir],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = new Promise((resolve) => up.once("exit", resolve));
  try {
    const { value } = await createInterface({ input: up.stdout })[Symbol.asyncIterator]().next();
    await measure(JSON.parse(value ?? "null") as Ready);
  } finally {
    up.kill("SIGINT");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure({ masters }: Ready): Promise<void> {
  const offers = new Offers(masters);
  const [offered, led]: [number[], number[]] = [[], []];
  await offers.next(performance.now());
  for (let kill = 0; kill < KILLS; kill++) {
    const leader = await leading(masters);
    await othersStandBy(masters, leader);
    const killedMs = performance.now();
    const pid = pidAt(leader);
    process.kill(pid, SIGNAL);
    const others = masters.filter((url) => url !== leader);
    const leads = leading(others).then(() => led.push(performance.now() - killedMs));
    offered.push((await offers.next(killedMs)) - killedMs);
    await leads;
    if (SIGNAL === "SIGSTOP") process.kill(pid, "SIGCONT");
  }
  offers.close();
  line(`P5 ${SIGNAL} → next leader answers`, millis(quantile(led, 0.5)), `p99 ${millis(quantile(led, 0.99))}`);
  line(
    `P5 ${SIGNAL} → first new offer, p50`,
    millis(quantile(offered, 0.5)),
    `p99 ${millis(quantile(offered, 0.99))}, most ${millis(Math.max(...offered))}, ${KILLS} kills`,
    SIGNAL === "SIGSTOP" ? "goal p99 4000 ms" : "goal 1500 ms, p99 3000 ms; Mesos 15 to 75 s",
  );
}

/** A framework that leaves its offers lying, and tells when the next comes. */
class Offers {
  readonly #client;
  #heard: (() => void) | undefined;

  constructor(masters: readonly string[]) {
    const framework = {
      user: "root",
      name: "failover",
      failover_timeout: 3600,
      roles: ["r"],
      capabilities: [{ type: "MULTI_ROLE" as const }],
    };
    this.#client = connectScheduler({ masters }, { framework });
    this.#client.start({ event: ({ type }) => type === "OFFERS" && this.#heard?.() });
  }

  /** When, after `sinceMs`, the next offer comes. */
  next(sinceMs: number): Promise<number> {
    return new Promise((resolve) => {
      this.#heard = () => performance.now() > sinceMs && resolve(performance.now());
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** The master that answers as the leader, as soon as there is one. */
async function leading(masters: readonly string[]): Promise<string> {
  for (;;) {
    for (const url of masters) if ((await statusOf(`${url}/weights`)) === 200) return url;
    await wait(5);
  }
}

/** The one that was killed has been started again by then, as a machine's supervisor does. */
async function othersStandBy(masters: readonly string[], leader: string): Promise<void> {
  for (const url of masters) while (url !== leader && (await statusOf(`${url}/weights`)) !== 307) await wait(50);
  // A moment for the agents and for the standbys' own connections to the leader.
  await wait(1_500);
}

async function statusOf(url: string): Promise<number | undefined> {
  const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status;
}

function pidAt(url: string): number {
  return Number(/^pid (\d+)/.exec(holderOf(Number(new URL(url).port)) ?? "")?.[1]);
}

await main();
