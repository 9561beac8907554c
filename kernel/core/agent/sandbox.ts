import type { CommandInfo, ContainerInfo, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Run } from "../executor/host.ts";
import type { Sandbox, SandboxLink } from "./outside.ts";
import { linkProblem, volumeFolder } from "./paths.ts";
import type { ContainerCommand } from "./ports.ts";
import type { AgentState, AgentTask, Executor } from "./state.ts";

/** The sandbox that a task's container needs, or why it cannot be had here. */
export function sandboxOf(state: AgentState, task: AgentTask, run: Run): Sandbox | string {
  const { executor, info } = task;
  const directory = runDirectory(task, run);
  const links: SandboxLink[] =
    executor.kind === "default" ? [...executorLinks(executor), taskLink(task, directory)] : [latestLink(executor)];
  const problem =
    containerProblem(info.container) ??
    addVolumes(links, state.config.workDir, info.resources ?? [], directory) ??
    addContainerVolumes(links, info.container, directory, executor.directory);
  if (problem !== undefined) return problem;
  const user = state.config.switchUser ? (info.command?.user ?? executor.user) : undefined;
  return { directory, user, links, files: filesOf(executor, directory, info.command) };
}

/** The sandbox of a custom executor. */
export function executorSandbox(state: AgentState, executor: Executor): Sandbox | string {
  const links: SandboxLink[] = [latestLink(executor)];
  const problem =
    containerProblem(executor.info.container) ??
    addVolumes(links, state.config.workDir, executor.info.resources ?? [], executor.directory);
  const files = filesOf(executor, executor.directory, executor.info.command);
  return problem ?? { directory: executor.directory, user: executor.user, links, files };
}

// A group's executor has no process and writes nothing, but tools look for its output; and who fetches writes before the container does.
function filesOf(executor: Executor, directory: string, command: CommandInfo | undefined): string[] {
  const outputs = (folder: string) => [`${folder}/stdout`, `${folder}/stderr`];
  const first = executor.kind === "default" && executor.groups === 1;
  return [
    ...(first ? outputs(executor.directory) : []),
    ...((command?.uris?.length ?? 0) > 0 ? outputs(directory) : []),
  ];
}

/** Where the run's files are: in a group, below the executor's sandbox. */
export function runDirectory(task: AgentTask, run: Run): string {
  const { executor } = task;
  return executor.kind === "default" ? `${executor.directory}/containers/${run.containerId}` : executor.directory;
}

export function commandOf(command: CommandInfo | undefined): ContainerCommand {
  const value = command?.value ?? "";
  if (command?.shell !== false) return { shell: value };
  return { file: value, argv: command.arguments?.length ? command.arguments : [value] };
}

/** What plain processes cannot give; undefined when they can give all that is asked for. */
export function containerProblem(container: ContainerInfo | undefined): string | undefined {
  if (container === undefined) return undefined;
  if (container.type === "DOCKER") return "this agent runs plain processes and has no Docker containers";
  if (container.mesos?.image !== undefined) return "this agent runs plain processes and has no container images";
  if (container.tty_info !== undefined) return "this agent runs plain processes and has no terminals";
  const named = (container.network_infos ?? []).find((network) => network.name !== undefined);
  return named && `this agent has no network named '${named.name}'`;
}

function latestLink(executor: Executor): SandboxLink {
  const runs = executor.directory.slice(0, executor.directory.lastIndexOf("/"));
  return { path: `${runs}/latest`, target: executor.directory, makeTarget: false };
}

function executorLinks(executor: Executor): SandboxLink[] {
  return executor.groups === 1 ? [latestLink(executor)] : [];
}

function taskLink(task: AgentTask, directory: string): SandboxLink {
  return { path: `${task.executor.directory}/tasks/${task.info.task_id.value}`, target: directory, makeTarget: false };
}

function addVolumes(
  links: SandboxLink[],
  workDir: string,
  resources: readonly Resource[],
  directory: string,
): string | undefined {
  for (const resource of resources) {
    const path = resource.disk?.volume?.container_path;
    if (resource.disk?.persistence === undefined || path === undefined) continue;
    const problem = linkProblem(path);
    if (problem !== undefined) return problem;
    links.push({ path: `${directory}/${path}`, target: volumeFolder(workDir, resource), makeTarget: true });
  }
  return undefined;
}

function addContainerVolumes(
  links: SandboxLink[],
  container: ContainerInfo | undefined,
  directory: string,
  parent: string,
): string | undefined {
  for (const { container_path: path, host_path, source, image } of container?.volumes ?? []) {
    const problem = linkProblem(path);
    if (problem !== undefined) return problem;
    const shared = source?.sandbox_path;
    const host = host_path ?? source?.host_path?.path;
    if (image !== undefined || (shared === undefined && host === undefined))
      return `volume '${path}' is of a kind that plain processes cannot have`;
    if (shared !== undefined && linkProblem(shared.path) !== undefined) return linkProblem(shared.path);
    const base = shared?.type === "PARENT" ? parent : directory;
    if (shared !== undefined)
      links.push({ path: `${directory}/${path}`, target: `${base}/${shared.path}`, makeTarget: true });
    else
      links.push({
        path: `${directory}/${path}`,
        target: host!.startsWith("/") ? host! : `${directory}/${host}`,
        makeTarget: !host!.startsWith("/"),
      });
  }
  return undefined;
}
