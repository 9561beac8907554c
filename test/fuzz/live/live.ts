import { VirtualTime } from "../virtual-time.ts";
import { ATTACKS, type Attack } from "./attacks.ts";
import { Daemons, PARTS } from "./daemons.ts";
import { mayBeRealTime } from "./priority.ts";
import { targetOf, Victim } from "./victim.ts";

export interface Options {
  readonly names: readonly string[];
  /** Only attacks of these names; none means all. */
  readonly attacks: readonly string[];
  readonly forMs: number;
  readonly seed: number;
  /** Who is attacked has no other priority than the attacker. */
  readonly isSamePriority: boolean;
  stop(): boolean;
}

/**
 * Attacks real processes over loopback, each part in turn, and tells what a second client saw meanwhile; and the same of a bare server of Node, which shows what of it is the machine's and the attacker's doing. Both have a
 * real-time priority where that may be, so that the attacker takes no processor from them. The exit code: 1 when something is wrong.
 */
export async function live({ names, attacks, forMs, seed, isSamePriority, stop }: Options): Promise<number> {
  const parts = PARTS.filter((name) => names.length === 0 || names.includes("all") || names.includes(name));
  const chosen = ATTACKS.filter(({ name }) => attacks.length === 0 || attacks.includes(name));
  const eachMs = forMs / parts.length / (chosen.length + 1) / 2;
  console.log(`seed ${seed}: ${parts.join(", ")}; a second client's times in ms, memory in MiB`);
  const isRealTime = !isSamePriority && mayBeRealTime;
  console.log(prioritiesOf(isRealTime));
  let wrong = 0;
  await using daemons = new Daemons(isRealTime);
  for (const name of parts) {
    if (stop()) break;
    const daemon = await daemons.start(name);
    const bare = await daemons.startBare(daemon);
    wrong += await attackPart(
      [new Victim(daemon, isRealTime), new Victim(bare, isRealTime)],
      chosen,
      eachMs,
      seed,
      stop,
    );
  }
  console.log(wrong === 0 ? "nothing is wrong" : `✗ ${wrong} things are wrong`);
  return wrong > 0 ? 1 : 0;
}

function prioritiesOf(isRealTime: boolean): string {
  if (isRealTime)
    return "the loops that are attacked, and the second client, have a real-time priority (chrt -r), as if the attacker had a machine of its own; read: MiB a second, busy: processors taken, waited: without a processor";
  return "all have the same priority: the attacker takes of the processors that the others need";
}

async function attackPart(
  [own, bare]: readonly [Victim, Victim],
  attacks: readonly Attack[],
  eachMs: number,
  seed: number,
  stop: () => boolean,
) {
  const { daemon } = own;
  // Its paths are known once there was one.
  (await targetOf(daemon.name).open(new VirtualTime())).close();
  console.log(`${daemon.name}: before it ${await own.rest(eachMs)}`);
  console.log(`     bare: before it ${await bare.rest(eachMs)}`);
  let wrong = 0;
  for (const attack of attacks) {
    if (stop() || !daemon.isAlive) break;
    const { counts, list, seen } = await own.under(attack, eachMs, seed, stop);
    const control = await bare.under(attack, eachMs, seed, stop);
    console.log(`  ${attack.name.padEnd(7)} ${counts}; ${seen}`);
    console.log(`  ${"bare".padStart(9)} ${control.seen}`);
    for (const problem of list) console.log(`  ✗ ${problem}`);
    wrong += list.length;
  }
  await own.stop();
  await bare.stop();
  const isWell = daemon.isAlive && (await daemon.answers());
  console.log(
    isWell
      ? `  after it: it answers; memory ${daemon.memoryMiB}`
      : `  ✗ ${daemon.name} ${daemon.isAlive ? "does not answer" : "has ended"}`,
  );
  return wrong + (isWell ? 0 : 1);
}
