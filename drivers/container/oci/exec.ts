import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { LaunchRefused } from "../kind.ts";
import { terminalOf } from "./config.ts";
import { lookUp } from "./isolators/identity.ts";
import { argumentsOf } from "./isolators/process.ts";
import { rlimits } from "./isolators/rlimits.ts";
import { hostId } from "./isolators/user-namespace.ts";
import { RootView } from "./root-view.ts";
import { checkedDirectory } from "./working-directory.ts";

/** What config.ts has written of the container's rights. */
interface Written {
  readonly process: {
    readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Record<string, readonly string[]>;
    readonly noNewPrivileges: boolean;
  };
  readonly linux: { readonly uidMappings?: readonly { readonly hostID: number; readonly size: number }[] };
}

/**
 * The text of a `process` for the runtime to start inside a container that runs with these rights, and "uid:gid" of the machine that its
 * outputs belong to. It has the container's rights, and its environment and user where the spec names none. `root` is the container's root
 * as this machine sees it. Throws a LaunchRefused.
 */
export function execText(
  rights: string,
  spec: ContainerSpec,
  root: string,
): { readonly text: string; readonly owner: string } {
  const { process: first, linux } = JSON.parse(rights) as Written;
  const args = argumentsOf(spec.command);
  if (!args) throw new LaunchRefused("spec", "name a command to run in the container");
  const view = new RootView([root]);
  const user = userOf(spec, first.user, view);
  const text = {
    ...terminalOf(spec.terminal),
    user,
    args,
    env: merged(first.env, { ...(spec.terminal && { TERM: "xterm" }), ...spec.environment }),
    cwd: directoryOf(spec, first.cwd, view),
    capabilities: first.capabilities,
    rlimits: rlimits(spec.rlimits),
    noNewPrivileges: first.noNewPrivileges,
  };
  const [map] = linux.uidMappings ?? [];
  const range = map && { first: map.hostID, count: map.size };
  const owner = `${hostId(user.uid, range) ?? user.uid}:${hostId(user.gid, range) ?? user.gid}`;
  return { text: JSON.stringify(text).replaceAll(/"(soft|hard)":"(\d{1,20})"/g, '"$1":$2'), owner };
}

function userOf(spec: ContainerSpec, first: Written["process"]["user"], view: RootView): Written["process"]["user"] {
  if (spec.user === undefined) return first;
  const accounts = { passwd: view.read("/etc/passwd") ?? "", group: view.read("/etc/group") ?? "" };
  const found = lookUp(spec.user, accounts);
  if (!found) throw new LaunchRefused("user", `no such user in the container: ${spec.user}`);
  return { uid: found.uid, gid: found.gid, additionalGids: found.groups };
}

// The container's own where the spec's is one of the machine, which is not there inside.
function directoryOf(spec: ContainerSpec, first: string, view: RootView): string {
  const isThere = view.resolve(spec.workingDirectory).found !== undefined;
  return isThere ? checkedDirectory(spec.workingDirectory, view) : first;
}

function merged(env: readonly string[], own: Readonly<Record<string, string>>): string[] {
  const all = new Map(env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair]));
  for (const [name, value] of Object.entries(own)) all.set(name, `${name}=${value}`);
  return [...all.values()];
}
