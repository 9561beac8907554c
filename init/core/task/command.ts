import type { App } from "@meseta/api/marathon/app.ts";
import type { Pod, PodContainer } from "@meseta/api/marathon/pod.ts";
import type { Fetch } from "@meseta/api/marathon/strategy.ts";
import type { CommandInfo, CommandInfoURI, Environment } from "@meseta/api/mesos/generated/mesos.ts";

/** What an app's task runs: a line of a shell, words, or what its image starts by itself. */
export function commandOfApp(app: App, environment: Environment): CommandInfo {
  const hasEntrypoint = app.container?.docker !== undefined;
  return { ...callOf(app.cmd, app.args, hasEntrypoint), ...around(app.user, app.fetch, environment) };
}

/** The same of a container of a pod. */
export function commandOfContainer(pod: Pod, container: PodContainer, environment: Environment): CommandInfo {
  const { shell, argv = [] } = container.exec?.command ?? {};
  const hasEntrypoint = container.image !== undefined && container.exec?.overrideEntrypoint !== true;
  return {
    ...callOf(shell, argv, hasEntrypoint),
    ...around(container.user ?? pod.user, container.artifacts, environment),
  };
}

/** What an executor of the user's own runs: it is a fetched file, so it is made executable first. */
export function commandOfExecutor(app: App, environment: Environment): CommandInfo {
  const path = `'${app.executor}'`;
  const call = [path, app.cmd ?? app.args.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")]
    .join(" ")
    .trim();
  return { shell: true, value: `chmod ug+rx ${path} && exec ${call}`, ...around(app.user, app.fetch, environment) };
}

// Words follow an image's entrypoint; without one, the first of them is what is run.
function callOf(cmd: string | undefined, args: readonly string[], hasEntrypoint: boolean): CommandInfo {
  if (cmd !== undefined) return { shell: true, value: cmd };
  if (args.length === 0) return { shell: false };
  return { shell: false, ...(hasEntrypoint ? {} : { value: args[0]! }), arguments: [...args] };
}

function around(user: string | undefined, fetch: readonly Fetch[], environment: Environment): CommandInfo {
  return {
    environment,
    ...(user === undefined ? {} : { user }),
    ...(fetch.length === 0 ? {} : { uris: fetch.map(uriOf) }),
  };
}

function uriOf({ uri, extract, executable, cache, destPath }: Fetch): CommandInfoURI {
  return { value: uri, extract, executable, cache, ...(destPath === undefined ? {} : { output_file: destPath }) };
}
