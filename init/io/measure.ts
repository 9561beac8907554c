import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { connectAgent, connectMaster } from "@meseta/sdk/operator/connect.ts";
import { INIT_BOUNDS } from "../core/bounds.ts";
import type { SamplerPorts, Usage } from "./sampler.ts";

/** How long an instance or an agent may take to answer, and how much. */
const ANSWER_MS = INIT_BOUNDS.sampleMs.most;
const ANSWER_BYTES = INIT_BOUNDS.sampleBytes.most;
const CONNECTIONS = 16;
/** So many are asked at one time, whatever they answer: each answer may be large. */
const MOST_AT_ONCE = INIT_BOUNDS.samples.most;

/** Measures over the network: instances at their ports, agents by their API. */
export function measureBy(masters: readonly string[]): Pick<SamplerPorts, "fetch" | "usage"> & { close(): void } {
  const bounds = { answerTimeoutMs: ANSWER_MS, bodyTimeoutMs: ANSWER_MS, answerBytes: ANSWER_BYTES };
  const client = new HttpClient(CONNECTIONS, bounds);
  const turns = new Turns(MOST_AT_ONCE);
  return {
    fetch: (url) => turns.take(() => textAt(client, url)),
    usage: (agents) => usageOn(masters, agents),
    close: () => client.close(),
  };
}

/** Lets only so many work at a time; the others wait for their turn, first come first served. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

async function textAt(client: HttpClient, url: string): Promise<string> {
  const { status, body } = await client.exchange({ url, method: "GET" });
  if (status !== 200) throw new Error(`${url}: ${status}`);
  return new TextDecoder().decode(body);
}

async function usageOn(masters: readonly string[], wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, Usage>> {
  const master = connectMaster(masters);
  try {
    const { agents = [] } = await master.getAgents();
    const urls = agents.flatMap(({ agent_info: { id, hostname, port } }) =>
      wanted.has(id?.value ?? "") ? [`http://${hostAndPort(hostname, port ?? 5051)}`] : [],
    );
    const found = await Promise.all(urls.map((url) => containersOf(url).catch(() => [])));
    return new Map(found.flat().flatMap(usageOf));
  } catch {
    return new Map();
  } finally {
    master.close();
  }
}

async function containersOf(url: string): Promise<readonly ResponseGetContainersContainer[]> {
  const agent = connectAgent(url, undefined, ANSWER_MS);
  // Closed, it gives up: also where the answer has begun and does not end.
  const timer = setTimeout(() => agent.close(), 2 * ANSWER_MS);
  try {
    return await agent.getContainers();
  } finally {
    clearTimeout(timer);
    agent.close();
  }
}

// The executor of a command has the id of its task.
function usageOf({ executor_id, resource_statistics: found }: ResponseGetContainersContainer): [string, Usage][] {
  if (executor_id === undefined || found === undefined) return [];
  const cpuSeconds = (found.cpus_user_time_secs ?? 0) + (found.cpus_system_time_secs ?? 0);
  const memBytes = found.mem_rss_bytes ?? found.mem_total_bytes ?? 0;
  return [[executor_id.value, { cpuSeconds, atSeconds: found.timestamp, memBytes }]];
}
