import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { nearest } from "@meseta/lib/core/nearest.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { agentUrl, parseAddresses } from "@meseta/sdk/core/address.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { connectAgent, connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { MasterClient } from "@meseta/sdk/operator/master.ts";
import { Failure } from "../core/failure.ts";
import { lastPart, match, type Named } from "../core/name.ts";
import { type Framework, frameworksOf, namedFrameworks } from "../core/views/frameworks.ts";
import { type Node, namedNodes, nodeId, nodesOf } from "../core/views/nodes.ts";
import { type Neighbours, namedTasks, tasksOf } from "../core/views/tasks.ts";
import type { Invocation } from "../invocation.ts";

/** The cluster that a command talks to. Its connections are closed when the command's function has ended. */
export class Cluster {
  readonly masters: readonly string[];
  readonly master: MasterClient;
  readonly #agents = new Map<string, AgentClient>();

  constructor(masters: readonly string[]) {
    this.masters = masters;
    this.master = connectMaster(masters);
  }

  /** The operator API of an agent by its base URL. */
  agent(url: string): AgentClient {
    const known = this.#agents.get(url);
    if (known) return known;
    const made = connectAgent(url);
    this.#agents.set(url, made);
    return made;
  }

  /** GETs a page of the leading master. */
  get<T>(path: string): Promise<T> {
    return this.master.getPage<T>(path);
  }

  async nodes(): Promise<Node[]> {
    return nodesOf(await this.master.getAgents());
  }

  /** The node that a word means: an id, the end of one, a host name, or a unique beginning. */
  async node(word: string): Promise<Node> {
    return pick("node", namedNodes(await this.nodes()), word);
  }

  /** The agent of `--node`, or undefined when the flag is not given. */
  async chosenAgent(flags: Invocation["flags"]): Promise<AgentClient | undefined> {
    const word = flags.text("node");
    return word === undefined ? undefined : this.agent(agentUrl(await this.node(word)));
  }

  async frameworks(withEnded: boolean): Promise<Framework[]> {
    return frameworksOf(await this.master.getFrameworks(), withEnded);
  }

  async framework(word: string): Promise<Framework> {
    return pick("framework", namedFrameworks(await this.frameworks(true)), word);
  }

  /** The task that a word means, live ones before ended ones, within the framework of `--framework` if that is given. */
  async task(word: string, frameworkWord?: string): Promise<Task> {
    const framework = frameworkWord === undefined ? undefined : await this.framework(frameworkWord);
    const id = framework?.framework_info.id?.value;
    const all = tasksOf(await this.master.getTasks(), true).filter((task) => !id || task.framework_id.value === id);
    const live = all.filter(({ state }) => !isTerminal(state));
    const { found, candidates } = match(namedTasks(live), word);
    if (candidates.length > 0) return pick("task", namedTasks(live), word);
    return found ?? pick("task", namedTasks(newestOfEach(all)), word);
  }

  /** The agent of a task; undefined when it is not registered now. */
  async agentOf(task: Task): Promise<AgentClient | undefined> {
    const url = await this.agentUrlOf(task);
    return url === undefined ? undefined : this.agent(url);
  }

  /** The base URL of a task's agent; undefined when it is not registered now. */
  async agentUrlOf(task: Task): Promise<string | undefined> {
    const node = (await this.nodes()).find((each) => nodeId(each) === task.agent_id.value);
    return node && !node.recovered ? agentUrl(node) : undefined;
  }

  /** Names for the ids that tasks carry. */
  async neighbours(): Promise<Neighbours> {
    const [nodes, frameworks] = await Promise.all([this.nodes(), this.frameworks(true)]);
    const hosts = new Map(nodes.map((node) => [nodeId(node), node.agent_info.hostname]));
    const shared = hosts.size > new Set(hosts.values()).size;
    const names = new Map(frameworks.map(({ framework_info: info }) => [info.id?.value ?? "", info.name]));
    return {
      node: (id) => (shared ? lastPart(id) : (hosts.get(id) ?? lastPart(id))),
      framework: (id) => names.get(id) ?? lastPart(id),
    };
  }

  close(): void {
    this.master.close();
    for (const agent of this.#agents.values()) agent.close();
  }
}

/** An id that several runs have had stands for the last of them. */
function newestOfEach(tasks: readonly Task[]): Task[] {
  const last = (task: Task): number => task.statuses?.at(-1)?.timestamp ?? 0;
  const newest = new Map<string, Task>();
  for (const task of tasks.toSorted((a, b) => last(a) - last(b))) newest.set(task.task_id.value, task);
  return [...newest.values()];
}

/** Opens the cluster of a command line, runs the function with it, and closes it. */
export async function withCluster<T>(invocation: Invocation, body: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = new Cluster(mastersOf(invocation));
  try {
    return await body(cluster);
  } finally {
    cluster.close();
  }
}

/** The base URLs of `--master`. */
export function mastersOf({ flags }: Invocation): string[] {
  const text = flags.text("master") ?? "";
  const masters = parseAddresses(text);
  if (masters) return masters;
  const why = `"${text}" is no comma list of URLs like http://127.0.0.1:5050`;
  throw new Failure("bad-setting", { name: "master", why });
}

/** What the word means among these, or the failure that says why it means nothing, or too much. */
export function pick<T>(kind: string, things: readonly Named<T>[], word: string): T {
  const { found, candidates } = match(things, word);
  if (found !== undefined) return found;
  const values = { kind, name: word };
  if (candidates.length > 0) {
    const more = candidates.length > 5 ? ` or ${counted(candidates.length - 5, "other")}` : "";
    const why = `it could be ${candidates.slice(0, 5).join(", ")}${more}`;
    throw new Failure("ambiguous-name", { ...values, why });
  }
  const meant = nearest(
    word,
    things.flatMap(({ id, names = [] }) => [id, lastPart(id), ...names]),
  );
  const looked = things.length === 0 ? `there are no ${kind}s at all` : `${counted(things.length, kind)} looked at`;
  const why = meant ? `did you mean ${meant}?` : looked;
  throw new Failure("not-found", { ...values, why });
}
