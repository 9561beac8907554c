import type { ResponseGetContainersContainer } from "@meseta/api/mesos/generated/agent.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { connectAgent, connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { SamplerPorts, Usage } from "./sampler.ts";

/** How long an instance or an agent may take to answer, and how much. */
const ANSWER_MS = 3_000;
const ANSWER_BYTES = 1024 * 1024;
const CONNECTIONS = 16;

/** Measures over the network: instances at their ports, agents by their API. */
export function measureBy(masters: readonly string[]): Pick<SamplerPorts, "fetch" | "usage"> & { close(): void } {
  const client = new HttpClient(CONNECTIONS, { answerTimeoutMs: ANSWER_MS, answerBytes: ANSWER_BYTES });
  return {
    async fetch(url) {
      const { status, body } = await client.exchange({ url, method: "GET" });
      if (status !== 200) throw new Error(`${url}: ${status}`);
      return new TextDecoder().decode(body);
    },
    usage: (agents) => usageOn(masters, agents),
    close: () => client.close(),
  };
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
  try {
    return await agent.getContainers();
  } finally {
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
