import type { CommandInfo, ContainerInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hasImage } from "./image.ts";
import type { ContainerCommand } from "./ports.ts";
import type { DockerCommand } from "./wish.ts";

/**
 * What is run. For a container with an image as Mesos' rules say it: a shell's line, or a file with its arguments, or else the
 * image's entrypoint. For one of type DOCKER what is not a shell's line is what the entrypoint is given.
 */
export function commandOf(
  command: CommandInfo | undefined,
  image?: "as the image says" | DockerCommand,
): ContainerCommand {
  const { value, shell, arguments: argv = [] } = command ?? {};
  if (shell !== false) return { shell: value ?? "" };
  if (typeof image === "object") return dockerCommand(image, value === undefined ? argv : [value, ...argv]);
  if (image !== undefined && value === undefined) return { entrypoint: argv };
  return { file: value ?? "", argv: argv.length > 0 ? argv : [value ?? ""] };
}

/** Whether there is anything to run: only an image says itself what that is. */
export function hasCommand(command: CommandInfo | undefined, container: ContainerInfo | undefined): boolean {
  return command?.value !== undefined || (command?.shell === false && hasImage(container));
}

function dockerCommand({ entrypoint }: DockerCommand, given: readonly string[]): ContainerCommand {
  return entrypoint === undefined ? { entrypoint: given } : { file: entrypoint, argv: [entrypoint, ...given] };
}
