import { close, openSync, readFileSync, write } from "node:fs";
import type { Layout } from "./layout.ts";

/**
 * Makes the kernel ready for processes to change their cgroup. The first one to do so on a quiet machine waits until every processor has
 * passed a quiescent state, 6 to 22 ms; those of the next 15 ms wait for nothing (the percpu rwsem behind cgroup.procs). So the agent
 * asks for it as soon as it knows that a container comes, and the waiting is over, or nearly, when the container's first process joins.
 */
export class Readiness {
  readonly #layout: Layout;
  #underWay = false;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Returns at once; what it begins costs no more than the container's own joining would have. */
  expect(): void {
    if (this.#underWay) return;
    try {
      const group = ownGroup(this.#layout, readFileSync("/proc/self/cgroup", "utf8"));
      if (group !== undefined) this.#join(openSync(`${group}/cgroup.procs`, "r+"));
    } catch {
      // Without it a start is slower, and that is all.
    }
  }

  // The group where the agent is already, which changes nothing. One call of a thread beside: this one is about to be busy with the container.
  #join(file: number): void {
    this.#underWay = true;
    write(file, "0", () => {
      this.#underWay = false;
      close(file, () => {});
    });
  }
}

/** The folder of the group that the writer of this /proc/PID/cgroup is in; undefined when it lies outside of what is mounted here. */
export function ownGroup({ kill, pids }: Layout, text: string): string | undefined {
  const wanted = kill.version === 2 ? "" : pids?.mount === kill.mount ? "pids" : "freezer";
  for (const line of text.split("\n")) {
    const [, names = "-", ...path] = line.split(":");
    if (!names.split(",").includes(wanted)) continue;
    const group = path.join(":");
    return group.startsWith("/..") ? undefined : `${kill.mount}${group === "/" ? "" : group}`;
  }
  return undefined;
}
