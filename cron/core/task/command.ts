import type { CommandInfo, CommandInfoURI, Environment } from "@meseta/api/mesos/generated/mesos.ts";
import type { Fetch, Job, Run } from "../job.ts";

/** What a task runs: a line of a shell, an executable with its arguments, what its image starts by itself, or a file that is fetched first. `words` are for this run. */
export function commandOf({ run }: Job, words: string, environment: Environment): CommandInfo {
  const url = run.isShell && URL.test(run.cmd ?? "") ? run.cmd : undefined;
  const uris = run.fetch.map(uriOf);
  if (url !== undefined) uris.push(scriptAt(url));
  return {
    ...(url === undefined ? callOf(run, words) : { shell: true, value: join(`"./${scriptName(url)}"`, words) }),
    environment,
    ...(run.user !== undefined && { user: run.user }),
    ...(uris.length > 0 && { uris }),
  };
}

/** What an executor of the user's own runs. Source: Chronos' custom executors. */
export function commandOfExecutor({ run, chronos }: Job, environment: Environment): CommandInfo {
  return {
    shell: true,
    value: chronos.executor,
    environment,
    ...(run.user !== undefined && { user: run.user }),
    ...(run.fetch.length > 0 && { uris: run.fetch.map(uriOf) }),
  };
}

const URL = /^(https?|ftps?):\/\/\S+$/;

function callOf(run: Run, words: string): CommandInfo {
  const { cmd, isShell } = run;
  if (isShell && cmd !== undefined) return { shell: true, value: join(cmd, words) };
  const args = [...run.args, ...words.split(/\s+/).filter((word) => word !== "")];
  // They follow the image's entrypoint.
  if (cmd === undefined) return { shell: false, ...(args.length > 0 && { arguments: args }) };
  return { shell: false, value: cmd, arguments: run.container?.type === "DOCKER" ? args : argvOf(cmd, args) };
}

// The first of a program's arguments is its name. Who knows that of Mesos has written it; who does not, has not.
function argvOf(cmd: string, args: string[]): string[] {
  const isNamed = args[0] === cmd || args[0] === cmd.slice(cmd.lastIndexOf("/") + 1);
  return isNamed ? args : [cmd, ...args];
}

function join(line: string, words: string): string {
  return words === "" ? line : `${line} ${words}`;
}

function scriptAt(url: string): CommandInfoURI {
  return { value: url, executable: true, extract: false, cache: false, output_file: scriptName(url) };
}

// A name that means nothing to a shell.
function scriptName(url: string): string {
  const path = url.replace(/[?#].*$/, "").replace(/^[a-z]+:\/\/[^/]*\/?/, "");
  const name = path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^\w.-]/g, "_");
  return name === "" || name === "." || name === ".." ? "command" : name;
}

function uriOf({ uri, extract, executable, cache, output_file }: Fetch): CommandInfoURI {
  return { value: uri, extract, executable, cache, ...(output_file !== "" && { output_file }) };
}
