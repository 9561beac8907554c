import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { LaunchRefused } from "../kind.ts";
import type { ImageConfig } from "./ports.ts";
import type { RootView } from "./root-view.ts";

// A descriptor that a runtime has open on the machine would be a way out of the root (CVE-2024-21626).
const descriptors = /^\/(?:proc|dev\/fd)(?:\/|$)/;

/**
 * Where the first process begins, as it is named without links: the spec's directory, or the image's when the spec names only the sandbox. A
 * directory that is not there the runtime makes. Throws a LaunchRefused for one that is a file, or that leads out through /proc.
 */
export function workingDirectoryOf(
  spec: Pick<ContainerSpec, "workingDirectory">,
  isolation: Pick<Isolation, "sandbox">,
  image: ImageConfig = {},
  view: RootView,
): string {
  const own = spec.workingDirectory === isolation.sandbox.inside ? image.WorkingDir : undefined;
  return checkedDirectory(own || spec.workingDirectory, view);
}

/** The same of a directory alone. */
export function checkedDirectory(path: string, view: RootView): string {
  if (!path.startsWith("/"))
    throw new LaunchRefused("directory", `the working directory must be an absolute path: ${path}`);
  const { inside, found } = view.resolve(path);
  if (descriptors.test(inside) || descriptors.test(path))
    throw new LaunchRefused("directory", `the working directory must not lie in /proc: ${path}`);
  if (found && !found.stats.isDirectory()) throw new LaunchRefused("directory", `${path}: Not a directory`);
  return inside;
}
