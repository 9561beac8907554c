import type { Outages } from "../checkers/outages.ts";
import type { Cluster } from "../cluster.ts";
import type { SimAgent } from "../world/agent.ts";
import type { FrameworkProcess } from "../world/framework.ts";
import type { World } from "../world/world.ts";
import { type DrawnFault, type Parts, type Process, processAt } from "./fault.ts";
import { CONTENDER_FAULTS, type Contenders } from "./job-contenders.ts";

/** Where faults happen, and where they are written down: who could not work when is told of each, because what is demanded depends on it. */
export interface Scene {
  readonly cluster: Cluster;
  readonly cron: FrameworkProcess;
  readonly outages: Outages;
  /** Of several, how long it may take until another one leads. */
  readonly takeoverMs: number;
}

/** One thing that goes wrong for so many ms, and heals by itself. Returns what it was; empty when it could not be. */
type Fault = (scene: Scene, process: Process, parts: { readonly ms: number } & Parts) => string;

interface JobFault {
  readonly name: string;
  readonly who: "cron" | "master" | "agent";
  readonly draw?: (dice: World) => Parts;
  readonly happen: Fault;
}

/** The longest that a clock is set by. */
const STEP_MS = 120_000;

const kill: Fault = (scene, process, { ms }) => {
  if (!process.alive) return "";
  process.kill();
  return until(scene, process, ms, "killed", () => process.alive || process.start());
};

const pause: Fault = (scene, process, { ms }) => {
  if (!process.alive || process.paused) return "";
  process.pause();
  return until(scene, process, ms, "stopped", () => process.resume());
};

const WAYS = ["not heard", "deaf", "cut off", "cut off"];

const cut: Fault = (scene, process, { ms, way }) => {
  const { network } = scene.cluster;
  const { place } = process;
  if (network.isPartitioned(place, "master")) return "";
  if (way !== 1) network.block(place, "master");
  if (way !== 0) network.block("master", place);
  return until(scene, process, ms, WAYS[Number(way)]!, () => network.heal(place, "master"));
};

const fill: Fault = (scene, process, { ms }) => {
  if (process.disk.full) return "";
  process.disk.full = true;
  return until(scene, process, ms, "without room on its disk", () => Object.assign(process.disk, { full: false }));
};

const killAtCommit: Fault = ({ cluster: { world }, outages }, cron, { ms, commits }) => {
  if (!cron.alive) return "";
  cron.disk.afterCommits(Number(commits), () => {
    if (!cron.alive) return;
    cron.kill();
    outages.note(cron.place, world.nowMs, world.nowMs + ms);
    world.after(ms, () => cron.alive || cron.start());
  });
  return `${cron.place} to be killed after ${commits} commits, for ${ms} ms`;
};

const powerOff: Fault = (scene, agent, { ms }) => {
  if (!agent.alive) return "";
  (agent as SimAgent).powerOff();
  scene.outages.lostPower(agent.place, scene.cluster.world.nowMs);
  return until(scene, agent, ms, "without power", () => agent.alive || agent.start());
};

const setClock: Fault = ({ cluster: { world }, cron, outages }, { place }, { byMs }) => {
  // Several go by the same time.
  for (const { clock } of cron.seats) clock.jump(Number(byMs));
  outages.setClock(world.nowMs, Number(byMs));
  return `clock of ${place} set by ${byMs} ms`;
};

const drawWay = (dice: World): Parts => ({ way: dice.random.below(WAYS.length) });
const drawCommits = (dice: World): Parts => ({ commits: dice.between(1, 8) });
const drawStep = (dice: World): Parts => ({ byMs: dice.between(-STEP_MS, STEP_MS) });

const FAULTS: readonly JobFault[] = [
  { name: "kill cron", who: "cron", happen: kill },
  { name: "kill cron at commit", who: "cron", draw: drawCommits, happen: killAtCommit },
  { name: "pause cron", who: "cron", happen: pause },
  { name: "partition of cron", who: "cron", draw: drawWay, happen: cut },
  { name: "disk of cron full", who: "cron", happen: fill },
  { name: "clock of cron jumps", who: "cron", draw: drawStep, happen: setClock },
  { name: "kill master", who: "master", happen: kill },
  { name: "pause master", who: "master", happen: pause },
  { name: "disk of master full", who: "master", happen: fill },
  { name: "kill agent", who: "agent", happen: kill },
  { name: "power off agent", who: "agent", happen: powerOff },
  { name: "pause agent", who: "agent", happen: pause },
  { name: "partition of agent", who: "agent", draw: drawWay, happen: cut },
  { name: "disk of agent full", who: "agent", happen: fill },
];

/** Who takes part in a history of jobs. */
export interface JobCast {
  readonly agents: number;
  /** Of several masters on one etcd, and the processes of cron. */
  readonly several?: Contenders | undefined;
}

/** The faults of one history, from `fromMs` to `toMs` since it began: some have few kinds, so that these are seen by themselves. */
export function drawJobTrouble(dice: World, cast: JobCast, fromMs: number, toMs: number): DrawnFault[] {
  const share = dice.between(15, 90);
  const all = kindsFor(cast);
  const some = all.filter(() => dice.chance(share));
  const kinds = some.length > 0 ? some : all;
  const longestPauseMs = dice.between(5_000, 60_000);
  const faults: DrawnFault[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += dice.between(1_000, longestPauseMs)) {
    const kind = kinds[dice.random.below(kinds.length)]!;
    faults.push({ atMs, kind: kind.name, parts: kind.draw(dice) });
  }
  return faults;
}

function kindsFor({ agents, several }: JobCast): { readonly name: string; draw(dice: World): Parts }[] {
  const single = FAULTS.filter(({ name, who }) => several === undefined || isAlsoOfSeveral(name, who, several));
  const kinds = single.map(({ name, who, draw }) => ({
    name,
    draw: (dice: World) => {
      const place = who === "agent" ? `a${dice.between(1, agents)}` : who;
      return { place, ms: drawMs(dice), ...draw?.(dice) };
    },
  }));
  if (several === undefined) return kinds;
  const ofContenders = CONTENDER_FAULTS.map(({ name, draw }) => ({
    name,
    draw: (dice: World) => ({ ms: drawMs(dice), ...draw(dice, several) }),
  }));
  return [...kinds, ...ofContenders];
}

/** A cron that is alone has a disk, and no other takes over; several are cut off and told the time together. */
function isAlsoOfSeveral(name: string, who: JobFault["who"], { copies }: Contenders): boolean {
  if (who === "cron") return copies === 1 || OF_ALL_CRONS.has(name);
  return who === "agent";
}

const OF_ALL_CRONS: ReadonlySet<string> = new Set(["partition of cron", "clock of cron jumps"]);

/** Lets a fault happen. Returns what it was; empty when it could not be. Throws when there is no such kind. */
export function happenToJobs(scene: Scene, { kind, parts }: DrawnFault): string {
  const ms = Number(parts["ms"]);
  const ofContenders = CONTENDER_FAULTS.find(({ name }) => name === kind);
  if (ofContenders !== undefined) return ofContenders.happen(scene, { ...parts, ms });
  const fault = FAULTS.find(({ name }) => name === kind);
  if (fault === undefined) throw new Error(`there is no fault of the kind ${kind}`);
  const process = processAt(scene.cluster, String(parts["place"]));
  return process === undefined ? "" : fault.happen(scene, process, { ...parts, ms });
}

/** Mostly short, and now and then longer than anybody's patience. */
function drawMs(dice: World): number {
  return dice.chance(80) ? dice.between(100, 20_000) : dice.between(20_000, 200_000);
}

function until({ cluster: { world }, outages }: Scene, { place }: Process, ms: number, what: string, heal: () => void) {
  outages.note(place, world.nowMs, world.nowMs + ms);
  world.after(ms, heal);
  return `${place} ${what} for ${ms} ms`;
}
