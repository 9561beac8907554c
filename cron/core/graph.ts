import { CRON_BOUNDS } from "./bounds.ts";
import { type Node, show } from "./graph/show.ts";

/** Which jobs follow which: each names its parents, and nothing follows itself by any road. Looking for a cycle costs what stands above the job. */
export class Graph {
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, Set<string>>();

  /** Puts a job in, or gives it other parents. Ask `problemOf` first: a cycle is never looked for again. */
  set(id: string, parents: readonly string[]): void {
    this.#detach(id);
    this.#parents.set(id, parents);
    for (const parent of parents) this.#childrenOf(parent).add(id);
  }

  /** Takes a job out. Those that follow it still name it: see `heirsOf`. */
  delete(id: string): void {
    this.#detach(id);
    this.#parents.delete(id);
  }

  has(id: string): boolean {
    return this.#parents.has(id);
  }

  parents(id: string): readonly string[] {
    return this.#parents.get(id) ?? [];
  }

  /** The jobs that follow this one directly, in the order in which they came. */
  children(id: string): readonly string[] {
    return [...(this.#children.get(id) ?? [])];
  }

  /** Why the job cannot have these parents, in a sentence; undefined when it can. */
  problemOf(id: string, parents: readonly string[]): string | undefined {
    const unknown = parents.filter((parent) => parent !== id && !this.has(parent));
    if (unknown.length > 0)
      return `There is no job ${shortened(unknown.map((name) => `"${name}"`)).join(", ")} to follow. Make it first.`;
    if (parents.length > MOST_PARENTS) return `A job can follow ${MOST_PARENTS} others, and not ${parents.length}.`;
    const full = parents.find((parent) => this.#isFull(parent, id));
    if (full !== undefined)
      return `As many jobs as can follow "${full}" already: ${MOST_FOLLOWERS}. Follow one of them.`;
    const cycle = this.#cycle(id, parents);
    return cycle && `The jobs would follow one another in a circle: ${named(cycle)}. Leave one of them out.`;
  }

  /** Why the job cannot be taken out, in a sentence; undefined when it can. Those that follow it would follow its parents, of which each has room for so many. */
  problemOfRemoval(id: string): string | undefined {
    const heirs = this.heirsOf(id);
    const full = this.parents(id).find((parent) => {
      const followers = new Set([...this.children(parent), ...heirs.keys()]);
      return followers.size - 1 > MOST_FOLLOWERS;
    });
    if (full !== undefined)
      return `More than ${MOST_FOLLOWERS} jobs would follow "${full}" instead of "${id}". Remove some that follow it first.`;
    const heir = heirs.entries().find(([, parents]) => parents.length > MOST_PARENTS)?.[0];
    return heir && `"${heir}" would follow more than ${MOST_PARENTS} jobs. Change it first.`;
  }

  /** The parents that each child has when the job is gone: its own others, and those of the job. None are left: it takes the job's schedules over. */
  heirsOf(id: string): Map<string, readonly string[]> {
    const own = this.parents(id);
    const heirs = this.children(id).map((child): [string, readonly string[]] => {
      const others = this.parents(child).filter((parent) => parent !== id);
      return [child, [...new Set([...others, ...own])]];
    });
    return new Map(heirs);
  }

  /** Line by line, as it was when it was asked for. Whether a job is fresh, and what it is doing, is asked of `look`. Source: Chronos' /graph. */
  csv(look: Look): Iterable<string> {
    return show.csv(this.#nodes(look));
  }

  dot(look: Look): Iterable<string> {
    return show.dot(this.#nodes(look));
  }

  #isFull(parent: string, child: string): boolean {
    const children = this.#children.get(parent);
    return children !== undefined && children.size >= MOST_FOLLOWERS && !children.has(child);
  }

  #nodes(look: Look): Node[] {
    const nodes: Node[] = [];
    for (const [id, parents] of this.#parents) nodes.push({ id, parents, ...look(id) });
    return nodes;
  }

  #childrenOf(id: string): Set<string> {
    let children = this.#children.get(id);
    if (children === undefined) this.#children.set(id, (children = new Set()));
    return children;
  }

  #detach(id: string): void {
    for (const parent of this.parents(id)) {
      const siblings = this.#children.get(parent);
      siblings?.delete(id);
      if (siblings?.size === 0) this.#children.delete(parent);
    }
  }

  /** From the job up through its parents to itself again. It keeps its own stack: a chain of jobs may be longer than the machine's. */
  #cycle(id: string, parents: readonly string[]): string[] | undefined {
    const cameFrom = new Map<string, string>();
    const stack = [...parents].map((parent) => [parent, id] as const);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [at, below] = next;
      if (at === id) return [...trail(below, id, cameFrom), id];
      if (cameFrom.has(at)) continue;
      cameFrom.set(at, below);
      for (const parent of this.parents(at)) stack.push([parent, at]);
    }
    return undefined;
  }
}

/** What the graph shows beside a job's name: `success` and `idle`. */
export type Look = (id: string) => { readonly outcome: string; readonly state: string };

/** The way from the job up to this one: `[id, …, at]`. */
function trail(at: string, id: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [at];
  for (let next = at; next !== id; way.push(next)) next = cameFrom.get(next)!;
  return way.reverse();
}

/** The success of a job is one event with all that follows from it, and one event stores only so much. */
const MOST_FOLLOWERS = CRON_BOUNDS.followers.most;
/** Each success of one of them stores how often all of them have succeeded. */
const MOST_PARENTS = CRON_BOUNDS.parents.most;
const MOST_NAMES = 20;

/** `a after b after a`; of a long circle the beginning and the end. */
function named(cycle: readonly string[]): string {
  return shortened(cycle).join(" after ");
}

/** Of a long list the beginning and the end. */
function shortened(names: readonly string[]): readonly string[] {
  return names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), "…", names.at(-1)!] : names;
}
