import type { Outages } from "../checkers/outages.ts";
import type { Cluster } from "../cluster.ts";
import type { SimAgent } from "../world/agent.ts";
import type { FrameworkProcess } from "../world/framework.ts";
import type { SimMaster } from "../world/master.ts";

/** Where faults happen, and where they are written down. */
export interface Scene {
  readonly cluster: Cluster;
  readonly cron: FrameworkProcess;
  readonly outages: Outages;
}

/** One thing that goes wrong for so many ms, and heals by itself. Returns what it was; empty when it could not be. */
type Fault = (scene: Scene, ms: number) => string;

type Process = FrameworkProcess | SimMaster | SimAgent;

/** The longest that a clock is set by. */
const STEP_MS = 120_000;

const kill =
  (processOf: (scene: Scene) => Process): Fault =>
  (scene, ms) => {
    const process = processOf(scene);
    if (!process.alive) return "";
    process.kill();
    return until(scene, process, ms, "killed", () => process.alive || process.start());
  };

const pause =
  (processOf: (scene: Scene) => Process): Fault =>
  (scene, ms) => {
    const process = processOf(scene);
    if (!process.alive || process.paused) return "";
    process.pause();
    return until(scene, process, ms, "stopped", () => process.resume());
  };

const cut =
  (processOf: (scene: Scene) => Process): Fault =>
  (scene, ms) => {
    const { network, world } = scene.cluster;
    const process = processOf(scene);
    const { place } = process;
    if (network.isPartitioned(place, "master")) return "";
    const way = world.random.below(4);
    if (way === 0) network.block(place, "master");
    else if (way === 1) network.block("master", place);
    else network.partition(place, "master");
    const what = ["not heard", "deaf"][way] ?? "cut off";
    return until(scene, process, ms, what, () => network.heal(place, "master"));
  };

const fill =
  (processOf: (scene: Scene) => Process): Fault =>
  (scene, ms) => {
    const process = processOf(scene);
    if (process.disk.full) return "";
    process.disk.full = true;
    return until(scene, process, ms, "without room on its disk", () => Object.assign(process.disk, { full: false }));
  };

const killAtCommit: Fault = ({ cluster: { world }, cron, outages }, ms) => {
  if (!cron.alive) return "";
  cron.dieAfterCommits = world.between(1, 8);
  cron.onDeath = () => {
    outages.note(cron.place, world.nowMs, world.nowMs + ms);
    world.after(ms, () => cron.start());
  };
  return `${cron.place} to be killed after ${cron.dieAfterCommits} commits, for ${ms} ms`;
};

const powerOff: Fault = (scene, ms) => {
  const agent = anAgent(scene);
  if (!agent.alive) return "";
  agent.powerOff();
  scene.outages.lostPower(agent.place, scene.cluster.world.nowMs);
  return until(scene, agent, ms, "without power", () => agent.start());
};

const setClock: Fault = ({ cluster: { world }, cron, outages }) => {
  const ms = world.between(-STEP_MS, STEP_MS);
  cron.clock.jump(ms);
  outages.setClock(world.nowMs, ms);
  return `clock of ${cron.place} set by ${ms} ms`;
};

const aCron = ({ cron }: Scene): Process => cron;
const aMaster = ({ cluster }: Scene): Process => cluster.master;
const anAgent = ({ cluster: { agents, world } }: Scene): SimAgent => agents[world.random.below(agents.length)]!;

type NamedFault = readonly [kind: string, fault: Fault];

const FAULTS: readonly NamedFault[] = [
  ["kill tenant", kill(aCron)],
  ["kill tenant at commit", killAtCommit],
  ["pause tenant", pause(aCron)],
  ["partition", cut(aCron)],
  ["disk full", fill(aCron)],
  ["clock jump", setClock],
  ["kill master", kill(aMaster)],
  ["pause master", pause(aMaster)],
  ["disk full", fill(aMaster)],
  ["kill agent", kill(anAgent)],
  ["power off agent", powerOff],
  ["pause agent", pause(anAgent)],
  ["partition", cut(anAgent)],
  ["disk full", fill(anAgent)],
];

/** Which kinds of faults a history has, and how often: some have few, so that these are seen by themselves. */
export interface Trouble {
  readonly faults: readonly NamedFault[];
  /** The longest time between two. */
  readonly pauseMs: number;
}

export function drawTrouble({ cluster: { world } }: Scene): Trouble {
  const share = world.between(15, 90);
  const faults = FAULTS.filter(() => world.chance(share));
  return { faults: faults.length > 0 ? faults : FAULTS, pauseMs: world.between(5_000, 60_000) };
}

/** One fault happens: mostly short, and now and then longer than anybody's patience. */
export function causeTrouble(scene: Scene, { faults }: Trouble): { kind: string; what: string } {
  const { world } = scene.cluster;
  const ms = world.chance(80) ? world.between(100, 20_000) : world.between(20_000, 200_000);
  const [kind, happen] = faults[world.random.below(faults.length)]!;
  return { kind, what: happen(scene, ms) };
}

function until({ cluster: { world }, outages }: Scene, { place }: Process, ms: number, what: string, heal: () => void) {
  outages.note(place, world.nowMs, world.nowMs + ms);
  world.after(ms, heal);
  return `${place} ${what} for ${ms} ms`;
}
