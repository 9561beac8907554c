import { drawLater, drawTrouble } from "./faults/draw.ts";
import type { Cast, DrawnFault } from "./faults/fault.ts";
import { drawLosses } from "./faults/losses.ts";
import type { TenantName } from "./tenants/all.ts";
import type { Wish } from "./workloads/steady.ts";
import { World } from "./world/world.ts";

/** All that decides about one history: plain values, which can be written down, made smaller, and played again. What is left out is not there. */
export interface History {
  /** Of the dice of all who take part. */
  readonly seed: number;
  /** One of Jepsen's test of Chronos: see `jobs.ts`. */
  readonly isOfJobs?: boolean;
  /** When it begins, by the clocks of its machines. */
  readonly startMs?: number;
  readonly agents: number;
  /** How many masters on one etcd; unless said, one on a disk of its own. */
  readonly masters?: number;
  /** They look as often as in production. */
  readonly isBrisk?: boolean;
  /** How many processes each framework of the house has, where there is an etcd. */
  readonly copies?: number;
  /** Of each agent, in the text form of Mesos' flags. */
  readonly resources: string;
  /** Frameworks that keep so many tasks alive. */
  readonly wishes: readonly Wish[];
  /** Roles of frameworks with state. */
  readonly keepers: readonly string[];
  readonly hasOperator: boolean;
  /** Frameworks of the house. */
  readonly tenants: readonly TenantName[];
  /** One service of init is changed by nobody. */
  readonly hasStill?: boolean;
  /** How long people are busy and faults happen, before all comes to rest. */
  readonly troubleMs: number;
  readonly faults: readonly DrawnFault[];
}

const RESOURCES = "cpus:4;mem:2048;disk:10240;ports:[31000-31100]";
const TROUBLE_MS = 4 * 60_000;

/** The history of a seed. `tenants`: the frameworks of the house that take part; unless said, an init or a cron in some. `isOfLosses`: agents are away for long; unless said, in some. */
export function drawHistory(
  seed: number,
  tenants: readonly TenantName[] = tenantsOf(seed),
  isOfLosses: boolean = LOSSES.has(seed % 20),
): History {
  const drawFaults = isOfLosses ? drawLosses : drawTrouble;
  const dice = new World(seed ^ 0x5eed);
  const wishes = Array.from({ length: dice.between(1, 3) }, (_, i) => drawWish(dice, i + 1));
  const keepers = ["store", "shared/db"].slice(0, dice.between(0, 2));
  const people = {
    wishes,
    keepers,
    agents: drawAgents(dice.of("agents")),
    tenants,
    ...drawMasters(dice.of("masters")),
  };
  const cast = castOf(people);
  return {
    seed,
    ...(tenants.includes("cron") && drawStart(dice.of("start"))),
    ...people,
    ...(isOfLosses && tenants.includes("init") && { hasStill: true }),
    resources: RESOURCES,
    hasOperator: dice.chance(60),
    troubleMs: TROUBLE_MS,
    faults: [
      ...drawFaults(dice.of("faults"), cast, dice.between(2_000, 10_000), TROUBLE_MS),
      ...drawLater(dice.of("later"), cast, 10_000, TROUBLE_MS),
    ].sort((one, other) => one.atMs - other.atMs),
  };
}

/** Some begin shortly before clocks change somewhere: an hour goes, or comes twice. */
function drawStart(dice: World): Pick<History, "startMs"> {
  if (dice.chance(50)) return {};
  const change = CLOCK_CHANGES[dice.random.below(CLOCK_CHANGES.length)]!;
  return { startMs: Date.parse(change) - dice.between(0, TROUBLE_MS) };
}

/** In Berlin, New York, and on Lord Howe, where it is half an hour. */
const CLOCK_CHANGES = [
  "2027-03-28T01:00:00Z",
  "2027-10-31T01:00:00Z",
  "2027-03-14T07:00:00Z",
  "2027-11-07T06:00:00Z",
  "2027-04-03T15:00:00Z",
  "2027-10-02T15:30:00Z",
];

/** Few in most, because many take long; now and then up to fifty. */
function drawAgents(dice: World): number {
  const way = dice.random.below(100);
  return way < 85 ? dice.between(1, 5) : way < 96 ? dice.between(6, 15) : dice.between(16, 50);
}

/** Half of the histories have one master on a disk, the others three to five on one etcd, or one that is alone there. */
function drawMasters(dice: World): Pick<History, "masters" | "isBrisk" | "copies"> {
  if (dice.chance(50)) return {};
  return {
    masters: [1, 3, 3, 3, 3, 4, 5][dice.random.below(7)]!,
    isBrisk: dice.chance(25),
    copies: dice.between(1, 2),
  };
}

/** Who takes part, by place. */
function castOf({
  agents,
  masters,
  wishes,
  keepers,
  tenants,
}: Pick<History, "agents" | "masters" | "wishes" | "keepers" | "tenants">): Cast {
  const names = [...wishes.map(({ name }) => name), ...keepers.map((_, index) => `k${index + 1}`)];
  return {
    master: masters === undefined ? ["master"] : [],
    masters: Array.from({ length: masters ?? 0 }, (_, index) => `m${index + 1}`),
    etcd: masters === undefined ? [] : ["etcd1", "etcd2", "etcd3"],
    agent: Array.from({ length: agents }, (_, index) => `a${index + 1}`),
    scheduler: names.map((name) => `scheduler-${name}`),
    tenant: tenants.map((name) => (name === "jobs" ? "cron" : name)),
  };
}

/** Of twenty: one with an init, one with a cron, and one without. */
const LOSSES: ReadonlySet<number> = new Set([5, 7, 13]);

/** Histories with an init take several times as long as others. */
function tenantsOf(seed: number): TenantName[] {
  if (seed % 5 === 2) return ["cron"];
  return seed % 5 === 0 ? ["init"] : [];
}

function drawWish(dice: World, number: number): Wish {
  const roles = [
    ["shared"],
    [`team-${number}`],
    ["shared/web", `team-${number}`],
    [`team-${number}/a`, `team-${number}/b`],
  ];
  return {
    name: `f${number}`,
    roles: roles[dice.random.below(4)]!,
    tasks: dice.between(1, 8),
    cpus: dice.between(1, 20) / 10,
    memMiB: 32 * dice.between(1, 8),
    seconds: [0, dice.between(1, 120)],
    failPercent: 20,
    groupPercent: [0, 50, 100][dice.random.below(3)]!,
    ownPercent: [0, 0, 60][dice.random.below(3)]!,
    checkpoint: dice.chance(80),
    failoverSeconds: [0, 10, 3_600, 3_600][dice.random.below(4)]!,
  };
}
