import type { CommandInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import type { Run } from "../executor/host.ts";
import type { Outfit } from "./isolate.ts";
import type { Sandbox, SandboxLink } from "./outside.ts";
import type { AgentConfig, AgentState, AgentTask, Executor } from "./state.ts";
import { linkOf, volumesOf } from "./volumes.ts";

/** The sandbox that a task's container needs. */
export function sandboxOf({ config }: AgentState, task: AgentTask, run: Run, outfit: Outfit): Sandbox {
  const { executor, info } = task;
  const directory = runDirectory(task, run);
  const links: SandboxLink[] =
    executor.kind === "default"
      ? [...executorLinks(config, executor), taskLink(task, directory)]
      : [latestLink(executor)];
  const user = sandboxUser(config, outfit, info.command?.user ?? executor.user, executor.framework.info.user);
  const files = filesOf(executor, directory, info.command);
  return { directory, user, owner: executor.framework.id, links: [...links, ...outfit.links], files };
}

/** The sandbox of a custom executor. */
export function executorSandbox({ config }: AgentState, executor: Executor, outfit: Outfit): Sandbox {
  const { directory, info } = executor;
  const user = sandboxUser(config, outfit, executor.user, executor.framework.info.user);
  const files = filesOf(executor, directory, info.command);
  const links = [latestLink(executor), ...outfit.links];
  return { directory, user, owner: executor.framework.id, links, files };
}

/**
 * Who owns the sandbox, and fetches into it. The user of a container with an image may be known to the image alone: the driver
 * gives it the sandbox, and until then it is the framework's user's, or nobody's where root may do nothing.
 */
export function sandboxUser(
  config: AgentConfig,
  { isolation }: Outfit,
  user: string | undefined,
  usual: string | undefined,
): string | undefined {
  if (!config.switchUser) return undefined;
  if (isolation?.image === undefined) return user;
  return isRoot(usual) && !config.rootTasks ? "nobody" : usual;
}

export function isRoot(user: string | undefined): boolean {
  return user === "root" || /^0+$/.test(user ?? "");
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

function latestLink(executor: Executor): SandboxLink {
  const runs = executor.directory.slice(0, executor.directory.lastIndexOf("/"));
  return { path: `${runs}/latest`, target: executor.directory, makeTarget: false };
}

function executorLinks(config: AgentConfig, executor: Executor): SandboxLink[] {
  return executor.groups === 1 ? [latestLink(executor), ...groupLinks(config, executor)] : [];
}

function taskLink(task: AgentTask, directory: string): SandboxLink {
  return { path: `${task.executor.directory}/tasks/${task.info.task_id.value}`, target: directory, makeTarget: false };
}

// Volumes of a group's executor lie in its own sandbox: tasks and tools look for them there.
function groupLinks({ workDir }: AgentConfig, { directory, info }: Executor): SandboxLink[] {
  const owner = { workDir, directory, hasImage: false, resources: info.resources ?? [], parent: undefined };
  const volumes = volumesOf(owner, []);
  return isRefusal(volumes) ? [] : volumes.map((volume) => linkOf(directory, volume));
}
