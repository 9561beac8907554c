import type { App, Metric } from "@meseta/api/marathon/app.ts";
import type { Instance } from "../core/instance/instance.ts";
import type { InitState } from "../core/state.ts";
import { addressesOf, taskOf } from "../core/views/task.ts";

/** What a task uses: cpu time since its start, and memory now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly atSeconds: number;
  readonly memBytes: number;
}

export interface SamplerPorts {
  state(): InitState;
  /** The text behind a URL; rejects when there is none in time. */
  fetch(url: string): Promise<string>;
  /** What the tasks of these agents use, by task id. Those of an agent that does not answer are missing. */
  usage(agents: ReadonlySet<string>): Promise<ReadonlyMap<string, Usage>>;
  sampled(app: string, values: Readonly<Record<string, number>>): void;
}

const MIB = 1024 * 1024;

/** Measures the instances of apps that scale themselves. It decides nothing: who does not answer is missing from what it tells. */
export class Sampler {
  readonly #ports: SamplerPorts;
  /** The usage of the round before, by task id: a share of time needs two. */
  #before: ReadonlyMap<string, Usage> = new Map();
  #isBusy = false;

  constructor(ports: SamplerPorts) {
    this.#ports = ports;
  }

  /** One round over all such apps; nothing while the last one goes on. */
  async round(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      const apps = [...this.#ports.state().tree.apps.values()].filter(({ autoscale }) => autoscale !== undefined);
      const usage = await this.#usageFor(apps.filter(({ autoscale }) => measuresUsage(autoscale!)));
      await Promise.all(apps.map((app) => this.#sample(app, usage)));
      this.#before = usage;
    } finally {
      this.#isBusy = false;
    }
  }

  async #usageFor(apps: readonly App[]): Promise<ReadonlyMap<string, Usage>> {
    const agents = apps.flatMap((app) => this.#running(app).flatMap(({ host }) => host?.agent_id.value ?? []));
    return agents.length === 0 ? new Map() : this.#ports.usage(new Set(agents));
  }

  async #sample(app: App, usage: ReadonlyMap<string, Usage>): Promise<void> {
    const running = this.#running(app);
    const pairs = await Promise.all(
      running.map(async (instance) => [instance.id, await this.#valueOf(app, instance, usage)] as const),
    );
    const answered = pairs.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const]));
    this.#ports.sampled(app.id, Object.fromEntries(answered));
  }

  async #valueOf(app: App, instance: Instance, usage: ReadonlyMap<string, Usage>): Promise<number | undefined> {
    const { cpu, metric, queue } = app.autoscale!;
    const served = metric ?? queue;
    if (served !== undefined) return this.#served(app, instance, served);
    const { taskId } = taskOf(instance);
    const now = usage.get(taskId);
    if (now === undefined) return undefined;
    if (cpu === undefined) return now.memBytes / (app.mem * MIB);
    const before = this.#before.get(taskId);
    const seconds = before === undefined ? 0 : now.atSeconds - before.atSeconds;
    return seconds > 0 ? (now.cpuSeconds - before!.cpuSeconds) / seconds / app.cpus : undefined;
  }

  async #served(app: App, instance: Instance, { path, portIndex, name }: Metric): Promise<number | undefined> {
    const origin = originOf(app, instance, portIndex);
    if (origin === undefined) return undefined;
    const text = await this.#ports.fetch(`${origin}${path.startsWith("/") ? "" : "/"}${path}`).catch(() => "");
    return numberIn(text, name);
  }

  #running({ id }: App): Instance[] {
    const instances = this.#ports.state().services.get(id)?.instances.values() ?? [];
    return [...instances].filter(({ goal, condition }) => goal === "Running" && condition === "Running");
  }
}

function measuresUsage({ cpu, mem }: NonNullable<App["autoscale"]>): boolean {
  return cpu !== undefined || mem !== undefined;
}

/** Where an instance is reached: at its host's port, or, where it has none, at its own address. */
function originOf(app: App, instance: Instance, portIndex: number): string | undefined {
  const hostPort = instance.hostPorts?.[portIndex];
  if (hostPort != null) return `http://${inUrl(instance.host?.hostname ?? "")}:${hostPort}`;
  const port = app.container?.portMappings?.[portIndex]?.containerPort;
  const [address] = addressesOf(taskOf(instance).status);
  return port === undefined || address === undefined ? undefined : `http://${inUrl(address.ipAddress)}:${port}`;
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The number of that name in Prometheus' text format; of several with different labels their sum. Source: its exposition format 0.0.4. */
export function numberIn(text: string, name: string): number | undefined {
  let sum: number | undefined;
  for (const line of text.split("\n")) {
    if (!line.startsWith(name)) continue;
    const [, value] = /^(?:\{.*\})?[ \t]+(\S+)/.exec(line.slice(name.length)) ?? [];
    if (value !== undefined && Number.isFinite(Number(value))) sum = (sum ?? 0) + Number(value);
  }
  return sum;
}
