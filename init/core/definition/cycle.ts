import type { Tree } from "@meseta/api/marathon/group.ts";
import { parentOf } from "./path.ts";
import { dependenciesOf } from "./spec.ts";

/**
 * A cycle of dependencies that goes through one of these apps and pods, its first member repeated at the end: `["/a", "/b", "/a"]`; undefined when there is
 * none. To depend on a group is to depend on all below it, and what is in a group depends on all that the group depends on.
 */
export function findCycle(tree: Tree, through: Iterable<string>): string[] | undefined {
  const walk = new Walk(graphOf(tree));
  for (const id of through) {
    const cycle = walk.from(id);
    if (cycle) return cycle;
  }
  return undefined;
}

/** What a node waits for. Beside the services there are two nodes a group: `all /g`, its members; `for /g`, what these wait for. So edges stay few. */
type Graph = (node: string) => readonly string[];

function graphOf(tree: Tree): Graph {
  let members: ReadonlyMap<string, readonly string[]> | undefined;
  const nodeOf = (id: string) => (tree.groups.has(id) ? `all ${id}` : id);
  return (node) => {
    if (node.startsWith("all ")) return (members ??= membersOf(tree)).get(node.slice(4)) ?? [];
    if (node.startsWith("for "))
      return neededBy(node.slice(4), tree.groups.get(node.slice(4))?.dependencies ?? [], nodeOf);
    const spec = tree.apps.get(node) ?? tree.pods.get(node);
    return spec === undefined ? [] : neededBy(node, dependenciesOf(spec), nodeOf);
  };
}

function neededBy(id: string, dependencies: readonly string[], nodeOf: (id: string) => string): string[] {
  const inherited = id === "/" ? [] : [`for ${parentOf(id)}`];
  return [...dependencies.map(nodeOf), ...inherited];
}

function membersOf({ groups, apps, pods }: Tree): Map<string, string[]> {
  const members = new Map<string, string[]>();
  const add = (id: string, node: string) => {
    const list = members.get(parentOf(id));
    if (list) list.push(node);
    else members.set(parentOf(id), [node]);
  };
  for (const id of groups.keys()) if (id !== "/") add(id, `all ${id}`);
  for (const map of [apps, pods]) for (const id of map.keys()) add(id, id);
  return members;
}

// It keeps its own stack: a chain of dependencies may be longer than the machine's.
class Walk {
  readonly #graph: Graph;
  readonly #done = new Set<string>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  from(start: string): string[] | undefined {
    const path: { node: string; left: string[] }[] = [];
    const open = new Map<string, number>();
    const enter = (node: string) => {
      open.set(node, path.length);
      path.push({ node, left: [...this.#graph(node)] });
    };
    if (!this.#done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.left.pop();
      if (next === undefined) this.#leave(path.pop()!.node, open);
      else if (open.has(next)) return named([...path.slice(open.get(next)).map(({ node }) => node), next]);
      else if (!this.#done.has(next)) enter(next);
    }
    return undefined;
  }

  #leave(node: string, open: Map<string, number>): void {
    open.delete(node);
    this.#done.add(node);
  }
}

/** The nodes as users know them: each group under its own path, the inner nodes left out. */
function named(nodes: readonly string[]): string[] {
  const ids = nodes.filter((node) => !node.startsWith("for ")).map((node) => node.replace(/^all /, ""));
  if (ids[0] !== ids.at(-1) || ids.length < 2) ids.push(ids[0]!);
  return ids;
}
