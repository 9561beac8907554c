import type {
  CommandInfo,
  ContainerInfo,
  ExecutorInfo,
  FrameworkInfo,
  FrameworkInfoCapabilityType,
  NetworkInfoPortMapping,
  Resource,
  TaskGroupInfo,
  TaskInfo,
} from "@meseta/api/mesos/generated/mesos.ts";
import { quantities } from "@meseta/api/mesos/resources/quantities.ts";
import type { Taken, Wanted } from "@meseta/sdk/core/take.ts";
import { type Publish, withPorts } from "./container.ts";

/** What `run` was asked for. */
export interface Wish {
  readonly name: string;
  readonly user: string;
  readonly role: string;
  /** One id an instance, or one a task of the group. */
  readonly taskIds: readonly string[];
  readonly each: Wanted;
  readonly command: CommandInfo;
  /** What the command runs in; absent: it is a plain process. */
  readonly container?: ContainerInfo | undefined;
  /** Ports of the container that are to be reached from outside. */
  readonly publish?: readonly Publish[] | undefined;
  /** What is typed here is typed there. */
  readonly interactive?: boolean | undefined;
  /** Instead of the command: tasks that live and die together. */
  readonly group?: TaskGroupInfo | undefined;
}

/** The framework that `run` is, for as long as it lasts; half a minute after it vanished its tasks end. */
export function frameworkOf(wish: Wish): FrameworkInfo {
  const capabilities: FrameworkInfoCapabilityType[] = [
    "MULTI_ROLE",
    "RESERVATION_REFINEMENT",
    "PARTITION_AWARE",
    "TASK_KILLING_STATE",
  ];
  if ((wish.each.scalars["gpus"] ?? 0) > 0) capabilities.push("GPU_RESOURCES");
  return {
    user: wish.user,
    name: `run-${wish.name}`,
    roles: [wish.role],
    checkpoint: true,
    failover_timeout: 30,
    capabilities: capabilities.map((type) => ({ type })),
  };
}

/** One word is a line for the shell; several are a program and its arguments, each kept whole. */
export function commandOf(words: readonly string[], env: readonly (readonly [string, string])[]): CommandInfo {
  const value = words.length === 1 ? words[0]! : words.map(quote).join(" ");
  const variables = env.map(([name, text]) => ({ name, value: text }));
  return { shell: true, value, ...(variables.length > 0 && { environment: { variables } }) };
}

/** As `commandOf`, but a program that is named alone or with arguments is run as it is: there may be no shell. */
export function programOf(words: readonly string[], env: readonly (readonly [string, string])[]): CommandInfo {
  const [value] = words;
  if (words.length === 1 && !PLAIN_WORD.test(value!)) return commandOf(words, env);
  const { value: _, ...rest } = commandOf(words, env);
  return { ...rest, shell: false, ...(value !== undefined && { value, arguments: [...words] }) };
}

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

function quote(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A name for it when none was given: the program's, without its path and what an id may not hold. */
export function nameOf(words: readonly string[]): string {
  const program = (words[0] ?? "group").trim().split(/\s+/)[0]!.split("/").at(-1)!;
  return idOf(program);
}

/** What of a name an id may hold: no slashes, no control characters, and not too long. */
export function idOf(name: string): string {
  return name.replaceAll(/[^\w.-]/g, "").slice(0, 40) || "task";
}

/** The task of one instance, on the resources that were taken for it. */
export function taskOf(wish: Wish, instance: number, agentId: string, taken: Taken): TaskInfo {
  const mappings = mappingsOf(wish.publish ?? [], taken.ports);
  const others = taken.ports.slice(mappings.filter((_, index) => wish.publish![index]!.hostPort === undefined).length);
  const variables = [
    ...(wish.command.environment?.variables ?? []),
    ...others.map((port, index) => ({ name: `PORT${index}`, value: String(port) })),
    ...mappings.map(({ host_port, container_port }) => ({ name: `PORT_${container_port}`, value: String(host_port) })),
  ];
  const container = withPorts(wish.container, mappings);
  return {
    name: wish.name,
    task_id: { value: wish.taskIds[instance]! },
    agent_id: { value: agentId },
    resources: taken.resources,
    command: { ...wish.command, ...(variables.length > 0 && { environment: { variables } }) },
    ...(container !== undefined && { container }),
  };
}

/** Whoever named no port of the node gets one of those that were taken, in their order. */
function mappingsOf(publish: readonly Publish[], ports: readonly number[]): NetworkInfoPortMapping[] {
  let next = 0;
  return publish.map(({ hostPort, containerPort, protocol }) => ({
    host_port: hostPort ?? ports[next++]!,
    container_port: containerPort,
    protocol,
  }));
}

/** Overhead of the default executor, as mesos-execute gives it. */
const EXECUTOR: Wanted = { scalars: { cpus: 0.1, mem: 32, disk: 32 } };

/** What the parts of a group want: the executor first, with the ports that the group publishes, then each task by its own resources. */
export function groupWants({ group, each: { ports, namedPorts } }: Wish): Wanted[] {
  const executor = { ...EXECUTOR, ...(ports !== undefined && { ports }), ...(namedPorts && { namedPorts }) };
  return [executor, ...(group?.tasks ?? []).map((task) => wantedBy(task.resources ?? []))];
}

function wantedBy(resources: readonly Resource[]): Wanted {
  const amounts = quantities(resources);
  const ports = (amounts.get("ports") ?? 0) / 1000;
  amounts.delete("ports");
  return { scalars: Object.fromEntries([...amounts].map(([name, milli]) => [name, milli / 1000])), ports };
}

export function groupOf(
  wish: Wish,
  agentId: string,
  executorId: string,
  taken: readonly Taken[],
): { readonly executor: ExecutorInfo; readonly task_group: TaskGroupInfo } {
  const tasks = (wish.group?.tasks ?? []).map((task, index) => ({
    ...task,
    task_id: { value: wish.taskIds[index]! },
    agent_id: { value: agentId },
    resources: taken[index + 1]!.resources,
  }));
  // The network is the executor's: so all tasks of the group have the same.
  const container = withPorts(wish.container, mappingsOf(wish.publish ?? [], taken[0]!.ports));
  const { resources } = taken[0]!;
  const executor: ExecutorInfo = { type: "DEFAULT", executor_id: { value: executorId }, resources };
  return { executor: { ...executor, ...(container && { container }) }, task_group: { tasks } };
}

/** The group of a file's JSON, or what is wrong with it. Ids, agents and roles are filled in later. */
export function readGroup(text: string): { readonly group: TaskGroupInfo } | { readonly error: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const tasks = (parsed as TaskGroupInfo | null)?.tasks;
  if (!Array.isArray(tasks) || tasks.length === 0) return { error: 'it has no list of "tasks"' };
  const bad = tasks.findIndex((task) => typeof task?.task_id?.value !== "string" || !Array.isArray(task.resources));
  if (bad >= 0) return { error: `tasks[${bad}] needs a task_id and resources` };
  return { group: { tasks: tasks.map((task) => ({ ...task, name: task.name ?? task.task_id.value })) } };
}
