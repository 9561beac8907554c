import { affectedBy } from "@meseta/init/core/plan.ts";
import { specAt } from "@meseta/init/core/spec.ts";
import { Violation } from "../checkers/violation.ts";
import type { FrameworkAnswer } from "../world/framework-kind.ts";
import type { SimInit } from "../world/init.ts";
import type { World } from "../world/world.ts";

const APPS = ["/one", "/two", "/shop/db", "/shop/web", "/shop/api", "/data/keep", "/shop/keep"];
const PODS = ["/pair", "/shop/pair"];
const PATIENCE_MS = 5_000;
const MEASURE_MS = 5_000;
const FOREVER = "sleep 10000000; exit 0";

/** What a client asks of init. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

/** People who deploy: apps, pods and groups come, grow, change, are undone and go, at random and over each other. */
export class Deployer {
  resting = false;
  readonly #init: SimInit;
  readonly #world: World;
  readonly #fail: (violation: Violation) => void;
  /** Told of each deployment that was acknowledged. */
  onDeployment: (id: string) => void = () => {};
  /** The newest version of all that was acknowledged. */
  #acknowledged = "";
  /** Services whose deployments may have been cut short by force: instances of several versions may be left of them. */
  readonly #abandoned = new Set<string>();
  #next = 1;

  constructor(init: SimInit, world: World, fail: (violation: Violation) => void) {
    this.#init = init;
    this.#world = world;
    this.#fail = fail;
  }

  start(): void {
    this.#world.after(this.#world.between(1_000, 8_000), () => this.#turn());
    this.#world.after(MEASURE_MS, () => this.#measure());
  }

  /** Everything is to go. */
  wipe(): void {
    void this.#ask({ method: "DELETE", url: "/v2/groups?force=true" });
  }

  /** I5: what was acknowledged is still there when init comes back. */
  check(version: string): void {
    if (version < this.#acknowledged)
      throw new Violation(`I5: init begins with version ${version}, and ${this.#acknowledged} was acknowledged`);
  }

  #turn(): void {
    const request = this.resting ? this.#mend() : this.#draw();
    if (request !== undefined) void this.#ask(request);
    if (this.#world.chance(30)) void this.#ask({ method: "GET", url: this.#any(VIEWS)! });
    this.#world.after(this.resting ? 2_000 : this.#world.between(200, 10_000), () => this.#turn());
  }

  /** As init's hands measure apps that scale themselves: some instances do not answer, and others work more or less than their policy aims at. */
  #measure(): void {
    if (this.resting) return;
    const state = this.#init.core?.state;
    for (const { id, autoscale } of state?.tree.apps.values() ?? []) {
      if (autoscale === undefined) continue;
      const load = this.#world.between(0, 20) / 10;
      const answering = this.instances(id).filter(() => this.#world.chance(90));
      const values = Object.fromEntries(answering.map((one) => [one, load * autoscale.cpu!]));
      this.#init.post({ type: "sampled", app: id, values });
    }
    this.#world.after(MEASURE_MS, () => this.#measure());
  }

  async #ask({ method, url, body }: Request): Promise<void> {
    if (url.includes("force=true")) this.#abandon();
    let late = false;
    this.#world.after(PATIENCE_MS, () => (late = true));
    const answer = await this.#init.ask(method, url, body);
    if (url.includes("force=true")) this.#abandon();
    if (answer === undefined) return;
    if (answer.status >= 500 && answer.status !== 503)
      this.#fail(new Violation(`init answers ${method} ${url} with ${answer.status}: ${JSON.stringify(answer.body)}`));
    if (!late && method !== "GET" && answer.status < 300) this.#keep(answer);
  }

  #keep({ body }: FrameworkAnswer): void {
    const { version, deploymentId } = (body ?? {}) as { version?: string; deploymentId?: string };
    if (deploymentId !== undefined) this.onDeployment(deploymentId);
    if (deploymentId !== undefined && version !== undefined && version > this.#acknowledged)
      this.#acknowledged = version;
  }

  #draw(): Request | undefined {
    const drawn = this.#any(ACTS)!;
    const request = drawn(this.#world, this.#any(APPS)!, this);
    if (request === undefined || !this.#world.chance(25)) return request;
    return { ...request, url: `${request.url}${request.url.includes("?") ? "&" : "?"}force=true` };
  }

  /** What can never come to rest is changed into something that can. */
  #mend(): Request | undefined {
    const tree = this.#init.core?.state.tree;
    for (const { id, upgradeStrategy } of tree?.apps.values() ?? []) {
      const { deadlineSeconds, ...patient } = upgradeStrategy;
      if (deadlineSeconds !== undefined)
        return { method: "PATCH", url: `/v2/apps${id}?force=true`, body: { upgradeStrategy: patient } };
    }
    for (const { id, cmd = "", healthChecks } of tree?.apps.values() ?? [])
      if (!cmd.includes(FOREVER) || healthChecks.some(({ protocol }) => protocol === "HTTP"))
        return {
          method: "PATCH",
          url: `/v2/apps${id}?force=true`,
          body: { cmd: this.command(FOREVER), healthChecks: [] },
        };
    const id = [...this.#abandoned].find((one) => this.#init.core?.state.deployments.actsOn(one) === false);
    if (id === undefined) return undefined;
    this.#abandoned.delete(id);
    return this.#redeploy(id);
  }

  #abandon(): void {
    for (const { plan } of this.#init.core?.state.deployments.all ?? [])
      for (const id of affectedBy(plan)) this.#abandoned.add(id);
  }

  #redeploy(id: string): Request | undefined {
    const spec = this.#init.core && specAt(this.#init.core.state.tree, id);
    if (spec === undefined) return undefined;
    if (!("containers" in spec)) return { method: "POST", url: `/v2/apps${id}/restart` };
    return { method: "PUT", url: `/v2/pods${id}`, body: podOf(this.#world, id, this) };
  }

  /** One that is different each time; some do not end by SIGTERM. */
  command(what: string): string {
    const change = this.#next++;
    return `task $MESOS_TASK_ID; ${what}${change % 5 === 0 ? "; ignore TERM" : ""}; change ${change}`;
  }

  get deployments(): string[] {
    return this.#init.core?.state.deployments.all.map(({ plan }) => plan.id) ?? [];
  }

  instances(id: string): string[] {
    return [...(this.#init.core?.state.services.get(id)?.instances.keys() ?? [])];
  }

  get versions(): string[] {
    return this.#init.core?.state.history.map(({ version }) => version) ?? [];
  }

  #any<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.#world.random.below(items.length)];
  }
}

const VIEWS = [
  "/v2/apps?embed=apps.tasks&embed=apps.deployments&embed=apps.counts",
  "/v2/deployments",
  "/v2/queue?embed=lastUnusedOffers",
  "/v2/groups?embed=group.apps&embed=group.pods&embed=group.groups",
  "/v2/tasks",
  "/v2/pods/::status",
  "/v2/info",
  "/v2/apps/shop/web::explain",
];

type Drawn = (world: World, id: string, deployer: Deployer) => Request | undefined;

const isKeeper = (id: string): boolean => id.endsWith("keep");

const put: Drawn = (world, id, deployer) => ({ method: "PUT", url: `/v2/apps${id}`, body: appOf(world, id, deployer) });

const scale: Drawn = (world, id) => ({
  method: "PATCH",
  url: `/v2/apps${id}`,
  body: { instances: world.between(0, 5) },
});

const upgrade: Drawn = (world, id, deployer) => ({
  method: "PATCH",
  url: `/v2/apps${id}`,
  body: { cmd: commandOf(world, deployer), ...(world.chance(30) && { instances: world.between(0, 5) }) },
});

const adjust: Drawn = (world, id) => ({ method: "PATCH", url: `/v2/apps${id}`, body: strategiesOf(world, id) });

const setPolicy: Drawn = (world, id) => ({
  method: "PATCH",
  url: `/v2/apps${id}`,
  body: { autoscale: policyOf(world) },
});

const restart: Drawn = (_, id) => ({ method: "POST", url: `/v2/apps${id}/restart` });

const remove: Drawn = (_, id) => ({ method: "DELETE", url: `/v2/apps${id}` });

const cancel: Drawn = (world, _, { deployments }) => {
  const id = deployments[world.random.below(Math.max(1, deployments.length))];
  return (id && { method: "DELETE", url: `/v2/deployments/${id}` }) || undefined;
};

const kill: Drawn = (world, id, deployer) => {
  const instances = deployer.instances(id);
  const which = instances[world.random.below(Math.max(1, instances.length))];
  const how = `scale=${world.chance(40)}&wipe=${world.chance(20)}`;
  if (which === undefined || world.chance(20)) return { method: "DELETE", url: `/v2/apps${id}/tasks?${how}` };
  return { method: "DELETE", url: `/v2/apps${id}/tasks/${which}._app.1?${how}` };
};

const resetDelay: Drawn = (_, id) => ({ method: "DELETE", url: `/v2/queue${id}/delay` });

const putPod: Drawn = (world, _, deployer) => {
  const id = PODS[world.random.below(PODS.length)]!;
  const body = podOf(world, id, deployer);
  return deployer.instances(id).length === 0
    ? { method: "POST", url: "/v2/pods", body }
    : { method: "PUT", url: `/v2/pods${id}`, body };
};

const removePod: Drawn = (world) => ({ method: "DELETE", url: `/v2/pods${PODS[world.random.below(PODS.length)]}` });

const group: Drawn = (world, _, deployer) => {
  const apps = APPS.filter((id) => id.startsWith("/shop/") && world.chance(70)).map((id) => appOf(world, id, deployer));
  const pods = world.chance(50) ? [podOf(world, "/shop/pair", deployer)] : [];
  return { method: "PUT", url: "/v2/groups/shop", body: { id: "/shop", apps, pods } };
};

const scaleGroup: Drawn = (world) => ({
  method: "PUT",
  url: "/v2/groups/shop",
  body: { scaleBy: [0, 0.5, 2][world.random.below(3)] },
});

const removeGroup: Drawn = () => ({ method: "DELETE", url: "/v2/groups/shop" });

const rollBack: Drawn = (world, _, { versions }) => {
  const version = versions[world.random.below(Math.max(1, versions.length))];
  return version === undefined ? undefined : { method: "PUT", url: "/v2/groups/shop", body: { version } };
};

// biome-ignore format: by how often.
const ACTS: readonly Drawn[] = [
  put, put, put, put, put, scale, scale, scale, upgrade, upgrade, upgrade, adjust, setPolicy, restart, remove, remove, cancel, cancel, cancel,
  kill, kill, kill, resetDelay, putPod, putPod, putPod, removePod, group, group, scaleGroup, removeGroup, rollBack,
];

function commandOf(world: World, deployer: Deployer): string {
  return deployer.command(world.chance(85) ? FOREVER : `sleep ${world.between(1, 60)}; exit ${world.random.below(2)}`);
}

function appOf(world: World, id: string, deployer: Deployer): object {
  return {
    id,
    cmd: commandOf(world, deployer),
    cpus: isKeeper(id) ? 0.2 : world.between(1, 8) / 10,
    mem: isKeeper(id) ? 64 : 32 * world.between(1, 4),
    instances: world.between(0, 4),
    backoffSeconds: 1,
    maxLaunchDelaySeconds: longestDelay(world),
    ...(world.chance(15) && { taskKillGracePeriodSeconds: world.between(0, 10) }),
    ...((isKeeper(id) || (world.chance(30) && id.startsWith("/shop/"))) && { role: id.split("/")[1] }),
    ...(world.chance(30) && { constraints: [constraintOf(world)] }),
    ...(world.chance(50) && { dependencies: dependenciesOf(world, id) }),
    ...(world.chance(25) && { healthChecks: [checkOf(world)] }),
    ...(isKeeper(id) ? { container: VOLUME } : world.chance(20) && { container: IMAGE }),
    ...(!isKeeper(id) && world.chance(20) && { autoscale: policyOf(world) }),
    ...strategiesOf(world, id),
  };
}

/** Some are kept from being launched for as long as they fail. */
function longestDelay(world: World): number {
  const seconds = world.between(1, 20);
  return seconds > 15 ? 3_600 : seconds;
}

function policyOf(world: World): object {
  const minInstances = world.between(1, 3);
  return {
    minInstances,
    maxInstances: minInstances + world.between(0, 4),
    coolDownSeconds: world.between(5, 30),
    cpu: world.between(1, 8) / 10,
  };
}

const VOLUME = {
  type: "MESOS",
  volumes: [{ containerPath: "data", mode: "RW", persistent: { type: "root", size: 64 } }],
};
const IMAGE = { type: "MESOS", docker: { image: "debian:12" } };

function strategiesOf(world: World, id: string): object {
  const unreachable = [
    { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    { inactiveAfterSeconds: 60, expungeAfterSeconds: 60 },
    // Replaced at once, and given up much later, when the agent may be back: the master gives it up after more than a minute.
    { inactiveAfterSeconds: 10, expungeAfterSeconds: 150 },
    { inactiveAfterSeconds: 10, expungeAfterSeconds: 600 },
  ];
  return {
    upgradeStrategy: {
      minimumHealthCapacity: [0, 0.5, 1][world.random.below(3)],
      maximumOverCapacity: isKeeper(id) ? 0 : [0, 0.25, 1][world.random.below(3)],
      ...(world.chance(25) && { deadlineSeconds: world.between(5, 90) }),
    },
    killSelection: world.chance(50) ? "YOUNGEST_FIRST" : "OLDEST_FIRST",
    ...(!isKeeper(id) && { unreachableStrategy: unreachable[world.random.below(4)] }),
  };
}

function constraintOf(world: World): string[] {
  const some = [
    ["hostname", "UNIQUE"],
    ["hostname", "CLUSTER", "a1"],
    ["hostname", "GROUP_BY"],
    ["hostname", "MAX_PER", "2"],
  ];
  return [...some, ["hostname", "UNLIKE", "a1"]][world.random.below(5)]!;
}

// Only on those that stand before it, so that there is no circle.
function dependenciesOf(world: World, id: string): string[] {
  return APPS.slice(0, APPS.indexOf(id)).filter(() => world.chance(30));
}

const checkOf = (world: World): object => ({
  protocol: world.chance(70) ? "TCP" : "HTTP",
  portIndex: 0,
  gracePeriodSeconds: world.between(1, 10),
  intervalSeconds: world.between(1, 10),
  timeoutSeconds: 1,
  maxConsecutiveFailures: world.between(0, 3),
});

function podOf(world: World, id: string, deployer: Deployer): object {
  const containers = ["main", "side"].slice(0, world.between(1, 2)).map((name) => ({
    name,
    exec: { command: { shell: deployer.command(FOREVER) } },
    resources: { cpus: 0.1, mem: 32 },
  }));
  return {
    id,
    containers,
    networks: [{ mode: "host" }],
    scaling: { kind: "fixed", instances: world.between(0, 3) },
    scheduling: { backoff: { backoff: 1, backoffFactor: 1.1, maxLaunchDelay: 10 } },
  };
}
