import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { instancesOf } from "@meseta/init/core/definition/spec.ts";
import type { InitEvent } from "@meseta/init/core/event.ts";
import type { Instance } from "@meseta/init/core/instance/instance.ts";
import type { InitOut } from "@meseta/init/core/out.ts";
import type { SavedDeployment } from "@meseta/init/core/saved.ts";
import type { SimAgent } from "../world/agent.ts";
import type { Disk } from "../world/disk.ts";
import type { SimMaster } from "../world/master.ts";
import { Losses } from "./losses.ts";
import { Violation } from "./violation.ts";

/**
 * I10, after every event of init, from the records that it writes: of a service no more instances live than target + surge, and no kill of
 * init's own leaves fewer healthy than target × minimumHealthCapacity. And on the machines: what starts was durable before, and no instance lives twice.
 * Tasks on agents that were lost since they were launched count for nothing.
 */
export class ServiceChecker {
  readonly #losses: Losses;
  readonly #agents: readonly SimAgent[];
  readonly #disk: Disk;
  readonly #fail: (violation: Violation) => void;
  readonly #specs = new Map<string, RunSpec>();
  /** All definitions there ever were, by id and configuration. */
  readonly #definitions = new Map<string, RunSpec>();
  readonly #services = new Map<string, Map<string, Instance>>();
  /** How many instances of each service may live: a definition that wants fewer lets those that live go one by one, and no more come. */
  readonly #ceilings = new Map<string, number>();
  /** Tasks that are, or were, on init's disk. */
  readonly #durable = new Set<string>();
  /** How many instances each version of a service wanted, and how many were wanted before each deployment that goes on. */
  readonly #numbers = new Map<string, number>();
  readonly #before = new Map<string, ReadonlyMap<string, number>>();
  /** Instances that somebody named to be killed. */
  readonly #named = new Set<string>();

  constructor(master: SimMaster, agents: readonly SimAgent[], disk: Disk, fail: (violation: Violation) => void) {
    this.#losses = new Losses(master);
    this.#agents = agents;
    this.#disk = disk;
    this.#fail = fail;
  }

  loaded(): void {
    this.#specs.clear();
    this.#services.clear();
    this.#ceilings.clear();
    this.#before.clear();
    for (const [key, text] of this.#disk.records.records) this.#put(key, text);
    for (const id of this.#services.keys()) this.#ceilings.set(id, Math.max(this.#mostOf(id), this.alive(id).length));
  }

  applied(event: InitEvent, out: InitOut): void {
    this.lookForLosses();
    const touched = new Set<string>();
    const before = new Map<string, Map<string, Instance>>();
    const note = (id: string): void => {
      touched.add(id);
      if (!before.has(id)) before.set(id, new Map(this.#services.get(id)));
    };
    for (const key of [...out.puts.keys(), ...out.deletes]) {
      if (key.startsWith("instance/")) note(serviceOf(key));
      if (key.startsWith("spec/")) note(key.slice("spec/".length));
    }
    for (const [key, text] of out.puts) this.#put(key, text);
    for (const key of out.deletes) this.#erase(key);
    try {
      for (const id of touched) this.#checkMost(id);
      if (event.type !== "call") for (const [id, instances] of before) this.#checkLeast(id, instances);
    } catch (violation) {
      this.#fail(violation as Violation);
    }
  }

  /** A change of init's records is on its disk. */
  committed(puts: ReadonlyMap<string, string>): void {
    for (const [key, text] of puts)
      if (key.startsWith("instance/"))
        for (const taskId of Object.keys((JSON.parse(text) as Instance).tasks)) this.#durable.add(taskId);
  }

  /** A task of init's begins on a machine. */
  started(taskId: string, agent: SimAgent): void {
    this.lookForLosses();
    if (!this.#durable.has(taskId)) throw new Violation(`I10: ${taskId} was launched before it was stored`);
    this.#losses.note(taskId, agent.core?.state.agentId ?? "");
    const instance = instanceIn(taskId);
    for (const { machine, place } of this.#agents)
      for (const [task, { ended }] of machine.truths) {
        const other = task.slice(task.indexOf("/") + 1);
        if (ended !== undefined || instanceIn(other) !== instance || nthOf(other) === nthOf(taskId)) continue;
        if (!this.#losses.isLost(other))
          throw new Violation(`I10: ${taskId} starts on ${agent.place} while ${other} lives on ${place}`);
      }
  }

  /** Whether init's records say that the volume is some instance's. */
  keeps(persistenceId: string): boolean {
    for (const [key, text] of this.#disk.records.records)
      if (key.startsWith("instance/") && (JSON.parse(text) as Instance).kept?.volumeIds.includes(persistenceId))
        return true;
    return false;
  }

  /** The instances of the service that live as far as init knows, without those on lost agents. */
  alive(id: string): Instance[] {
    return [...(this.#services.get(id)?.values() ?? [])].filter((one) => isLive(one) && !this.#isLostInstance(one));
  }

  /** Looks which agents the master has given up since the last time. */
  lookForLosses(): void {
    this.#losses.look();
  }

  #put(key: string, text: string): void {
    if (key.startsWith("spec/")) {
      const spec = JSON.parse(text) as RunSpec;
      this.#specs.set(spec.id, spec);
      this.#definitions.set(`${spec.id} ${spec.versionInfo.lastConfigChangeAt}`, spec);
      this.#numbers.set(`${spec.id} ${spec.version}`, instancesOf(spec));
    } else if (key.startsWith("instance/")) {
      const instance = JSON.parse(text) as Instance;
      const service = this.#services.get(instance.spec) ?? new Map();
      this.#services.set(instance.spec, service.set(instance.id, instance));
      for (const taskId of Object.keys(instance.tasks)) this.#losses.note(taskId, instance.host?.agent_id.value ?? "");
    } else if (key.startsWith("deployment/")) {
      const { plan } = JSON.parse(text) as SavedDeployment;
      this.#before.set(key, this.#numbersBefore(plan.changes));
      for (const { actions } of plan.steps)
        for (const { victims = [] } of actions) for (const id of victims) this.#named.add(id);
    }
  }

  #erase(key: string): void {
    if (key.startsWith("spec/")) this.#specs.delete(key.slice("spec/".length));
    else if (key.startsWith("instance/")) this.#services.get(serviceOf(key))?.delete(key.slice("instance/".length));
    else this.#before.delete(key);
  }

  #numbersBefore(changes: SavedDeployment["plan"]["changes"]): ReadonlyMap<string, number> {
    const numberOf = (id: string, before: string | RunSpec): number =>
      typeof before === "string"
        ? (this.#numbers.get(`${id} ${before}`) ?? Number.POSITIVE_INFINITY)
        : instancesOf(before);
    const all = Object.entries(changes);
    return new Map(all.flatMap(([id, { before }]) => (before === undefined ? [] : [[id, numberOf(id, before)]])));
  }

  // A service that is made larger while it is upgraded, on agents that have no room for one more, makes some by old ones: down to what it was.
  #leastOf(spec: RunSpec): number {
    const { least } = boundsOf(spec);
    return Math.min(least, ...this.#before.values().map((numbers) => numbers.get(spec.id) ?? least));
  }

  #mostOf(id: string): number {
    const spec = this.#specs.get(id);
    return spec === undefined ? 0 : boundsOf(spec).most;
  }

  #checkMost(id: string): void {
    const most = this.#mostOf(id);
    const alive = this.alive(id);
    const ceiling = Math.max(most, this.#ceilings.get(id) ?? 0);
    if (alive.length > ceiling)
      throw new Violation(
        `I10: ${alive.length} instances of ${id} live, ${ceiling} may: ${alive.map((one) => `${one.id} ${one.condition} ${one.goal} ${one.version}`)}`,
      );
    this.#ceilings.set(id, Math.max(most, Math.min(ceiling, alive.length)));
  }

  #checkLeast(id: string, before: ReadonlyMap<string, Instance>): void {
    const spec = this.#specs.get(id);
    if (spec === undefined) return;
    const now = this.#services.get(id) ?? new Map<string, Instance>();
    const killed = [...before.values()].filter(
      (one) => one.goal === "Running" && this.#isGood(one, spec) && (now.get(one.id)?.goal ?? "gone") !== "Running",
    );
    const ours = killed.filter((one) => !this.#named.has(one.id) && !this.#isLostInstance(one));
    if (ours.length === 0) return;
    const good = [...now.values()].filter((one) => one.goal === "Running" && this.#isGood(one, spec));
    const least = this.#leastOf(spec);
    if (good.length < least)
      throw new Violation(
        `I10: ${good.length} instances of ${id} are well, ${least} must be, and ${ours.map((one) => one.id)} is killed`,
      );
  }

  // Those of older definitions are held against what that one asks of them.
  #isGood(instance: Instance, present: RunSpec): boolean {
    if (instance.condition !== "Running") return false;
    const own = this.#definitions.get(`${instance.spec} ${instance.configVersion}`) ?? present;
    const isNew = instance.configVersion === present.versionInfo.lastConfigChangeAt;
    if (isNew && "readinessChecks" in own && own.readinessChecks.length > 0 && instance.isReady !== true) return false;
    const hasChecks = "healthChecks" in own && own.healthChecks.length > 0;
    return hasChecks ? instance.isHealthy === true : instance.isHealthy !== false;
  }

  #isLostInstance({ tasks, condition }: Instance): boolean {
    return condition.startsWith("Unreachable") || Object.keys(tasks).some((taskId) => this.#losses.isLost(taskId));
  }
}

const OVER: ReadonlySet<string> = new Set(["Finished", "Failed", "Killed", "Error", "Gone", "Dropped", "Unknown"]);

function isLive({ tasks }: Instance): boolean {
  return Object.values(tasks).some(({ condition }) => !OVER.has(condition));
}

/** By Marathon's words; where both bounds are one number, one more may live, or, where volumes forbid that, one less be well. */
function boundsOf(spec: RunSpec): { most: number; least: number } {
  const isPod = "containers" in spec;
  const target = isPod ? spec.scaling.instances : spec.instances;
  const { minimumHealthCapacity, maximumOverCapacity } = isPod ? spec.scheduling.upgrade : spec.upgradeStrategy;
  const isResident = !isPod && spec.residency !== undefined;
  const least = Math.ceil(Number((target * minimumHealthCapacity).toFixed(6)));
  const most = Math.floor(Number((target * (1 + maximumOverCapacity)).toFixed(6)));
  if (least !== most || target === 0) return { most, least };
  return isResident ? { most, least: least - 1 } : { most: most + 1, least };
}

const serviceOf = (key: string): string =>
  `/${key.slice("instance/".length, key.lastIndexOf(".instance-")).replaceAll("_", "/")}`;

/** The instance of a task: all before `.<container>.<n>`. */
export const instanceIn = (taskId: string): string =>
  taskId.slice(0, taskId.lastIndexOf(".", taskId.lastIndexOf(".") - 1));

const nthOf = (taskId: string): string => taskId.slice(taskId.lastIndexOf(".") + 1);
