// P5: from the end of the leader until a framework is offered resources by the next one: three masters on an etcd of three, two agents, all on this machine as
// `meseta up --masters 3` starts them. `node bench/failover.ts [COUNT [WHAT [TIMEOUTS]]]`. WHAT: `kill` (-9), `stop` (SIGSTOP, until the next one has made offers), or `etcd`
// (kill -9 of the leader, and of the leader of etcd in the same moment). TIMEOUTS: `short`, as `up` sets them for its etcd, or etcd's `default`
import { setTimeout as wait } from "node:timers/promises";
import type { Ready } from "@meseta/boot/up/layout.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { etcdLeader, pidAt, withCluster } from "./load/local-cluster.ts";
import { line, millis, quantile } from "./measure/numbers.ts";

const [COUNT, WHAT, TIMEOUTS] = [Number(process.argv[2] ?? 20), process.argv[3] ?? "kill", process.argv[4] ?? "short"];
const GOAL =
  WHAT === "kill" && TIMEOUTS === "short" ? "goal 1500 ms, p99 3000 ms; Mesos 15 to 75 s" : "goal p99 4000 ms";

async function measure({ masters, store }: Ready): Promise<void> {
  const offers = new Offers(masters);
  const [offered, led]: [number[], number[]] = [[], []];
  let changes = 0;
  await offers.next(0);
  while (offered.length < COUNT) {
    const leader = await leading(masters);
    await othersStandBy(masters, leader);
    // On a busy machine one may have lost its lease meanwhile, and nobody waits for another leader then.
    if (!offers.areFrom(leader) || (await statusOf(`${leader}/weights`)) !== 200) {
      changes++;
      continue;
    }
    const pid = pidAt(leader);
    const pids = WHAT === "etcd" ? [pid, pidAt(await etcdLeader(store))] : [pid];
    const [endMs, subscription] = [performance.now(), offers.subscription];
    for (const one of pids) process.kill(one, WHAT === "stop" ? "SIGSTOP" : "SIGKILL");
    // One that was killed may be back, and lead again, before the others do.
    const next = WHAT === "stop" ? masters.filter((url) => url !== leader) : masters;
    const leads = leading(next).then(() => led.push(performance.now() - endMs));
    offered.push((await offers.next(subscription)) - endMs);
    await leads;
    if (WHAT === "stop") process.kill(pid, "SIGCONT");
  }
  offers.close();
  if (changes > 0) line("leaders that were lost by themselves", String(changes));
  tell(`P5 ${WHAT} → next leader answers`, led);
  tell(`P5 ${WHAT} → first new offer`, offered, `etcd's timeouts ${TIMEOUTS}`, GOAL);
}

function tell(name: string, values: readonly number[], ...beside: string[]): void {
  const [p50, p99, most] = [quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)].map(millis);
  line(name, p50!, `p99 ${p99}, most ${most}, of ${values.length}`, ...beside);
}

/** A framework that leaves its offers lying, and tells when the next comes. */
class Offers {
  readonly #client;
  #heard: (() => void) | undefined;
  #port: number | undefined;
  /** How many masters have taken the framework in. */
  subscription = 0;

  constructor(masters: readonly string[]) {
    const framework = {
      user: "root",
      name: "failover",
      failover_timeout: 3600,
      roles: ["r"],
      capabilities: [{ type: "MULTI_ROLE" as const }],
    };
    this.#client = connectScheduler({ masters }, { framework });
    this.#client.start({
      event: ({ type, subscribed }) => {
        if (subscribed !== undefined) {
          this.#port = subscribed.master_info?.port;
          this.subscription++;
        }
        if (type === "OFFERS") this.#heard?.();
      },
    });
  }

  areFrom(master: string): boolean {
    return this.#port === Number(new URL(master).port);
  }

  /** When an offer comes that is of a later subscription. */
  next(subscription: number): Promise<number> {
    return new Promise((resolve) => {
      this.#heard = () => this.subscription > subscription && resolve(performance.now());
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

await withCluster(["--no-init", "--no-cron"], TIMEOUTS === "default" ? "default" : "short", measure);
