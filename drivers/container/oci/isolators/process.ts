import type { ContainerCommand } from "@meseta/kernel/core/agent/ports.ts";
import type { ImageConfig } from "../ports.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The arguments of the first process, merged as Docker and Mesos do. A shell value is the shell's; a file is run as it is; what the image
 * says comes in with `entrypoint` alone: its Entrypoint with these arguments, or with its Cmd when there are none. Undefined when
 * nothing is left to run.
 */
export function argumentsOf(command: ContainerCommand, image: ImageConfig = {}): readonly string[] | undefined {
  if ("shell" in command) return ["/bin/sh", "-c", command.shell];
  // The runtime has one list: what is executed, and its name, are the same there unless argv has no name at all.
  if ("file" in command) return [command.file, ...command.argv.slice(1)];
  const given = command.entrypoint.length > 0 ? command.entrypoint : (image.Cmd ?? []);
  const all = [...(image.Entrypoint ?? []), ...given];
  return all.length > 0 ? all : undefined;
}

/** The environment: the image's below the task's, and never without a PATH, HOME (the user's) and, in a terminal, TERM. */
export function environmentOf(
  task: Readonly<Record<string, string>>,
  image: ImageConfig = {},
  preset: { readonly home: string; readonly terminal: boolean },
): Record<string, string> {
  const fromImage = (image.Env ?? []).flatMap((pair): [string, string][] => {
    const at = pair.indexOf("=");
    return at > 0 ? [[pair.slice(0, at), pair.slice(at + 1)]] : [];
  });
  return {
    PATH: defaultPath,
    HOME: preset.home,
    ...(preset.terminal && { TERM: "xterm" }),
    ...Object.fromEntries(fromImage),
    ...task,
  };
}
