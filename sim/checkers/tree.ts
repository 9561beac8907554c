import type { Tree } from "@meseta/api/marathon/group.ts";
import type { Init } from "@meseta/init/core/init.ts";

import { Violation } from "./violation.ts";

/** I5 of all that is wanted: what a life of init begins with is what an earlier one had under that version, whole. */
export class TreeChecker {
  readonly #known = new Map<string, string>();
  #last: Tree | undefined;

  applied({ state: { tree } }: Init): void {
    if (tree === this.#last) return;
    this.#last = tree;
    this.#known.set(tree.version, textOf(tree));
  }

  loaded({ state: { tree } }: Init): void {
    const [known, loaded] = [this.#known.get(tree.version), textOf(tree)];
    if (known !== undefined && known !== loaded)
      throw new Violation(`I5: init begins with ${loaded} of version ${tree.version}, which was ${known}`);
  }
}

function textOf({ apps, pods, groups }: Tree): string {
  const inOrder = (all: ReadonlyMap<string, object>) => [...all].sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([apps, pods, groups].map(inOrder));
}
