import type { ContainerCommand, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { rlimitOf } from "../cgroups/limits.ts";
import { type Kind, LaunchRefused, type Preparation } from "../kind.ts";

/** Plain processes: the agent's own root, namespaces and rights; a session and a process group of their own. Nothing is waited for. */
export const processKind: Kind = {
  name: "process",
  takes: (spec) => spec.isolation === undefined,
  prepare,
  ended: () => undefined,
  owns: () => true,
  recover: async () => {},
  sweep: async () => {},
};

function prepare(spec: ContainerSpec): Preparation {
  const strange = spec.rlimits?.find((limit) => !rlimitOf(limit));
  if (strange) throw new LaunchRefused("spec", `unknown rlimit ${strange.type}`);
  const rlimits = (spec.rlimits ?? []).flatMap((limit) => rlimitOf(limit) ?? []);
  const { environment, workingDirectory, user } = spec;
  return { program: { ...programOf(spec.command), environment, workingDirectory, user, rlimits } };
}

function programOf(command: ContainerCommand): { file: string; argv: readonly string[] } {
  if ("shell" in command) return { file: "/bin/sh", argv: ["sh", "-c", command.shell] };
  if ("file" in command) return command;
  throw new LaunchRefused("spec", "a plain process has no entry point: name a command");
}
