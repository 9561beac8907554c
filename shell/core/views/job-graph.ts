import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";

type Node = Pick<MetronomeJobInfo, "id" | "dependencies">;

/** Jobs that follow others, or are followed, as trees from those that follow nothing; a job with several parents stands below the first and names the others. */
export function graphLines(jobs: readonly Node[]): string[] {
  const children = Map.groupBy(
    jobs.filter(({ dependencies }) => dependencies.length > 0),
    ({ dependencies }) => dependencies[0]!.id,
  );
  const ids = new Set(jobs.map(({ id }) => id));
  const roots = jobs.filter(
    ({ id, dependencies: [first] }) => children.has(id) && (first === undefined || !ids.has(first.id)),
  );
  const lines: string[] = [];
  // Its own stack: a chain of jobs may be longer than the machine's.
  const stack = roots.toReversed().map((node) => ({ node, prefix: "", branch: "" }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, prefix, branch } = next;
    lines.push(prefix + branch + labelOf(node));
    const below = children.get(node.id) ?? [];
    const indent = prefix + (branch === "" ? "" : branch.startsWith("└") ? "   " : "│  ");
    below
      .map((child, i) => ({ node: child, prefix: indent, branch: i === below.length - 1 ? "└─ " : "├─ " }))
      .reverse()
      .forEach((each) => void stack.push(each));
  }
  return lines;
}

/** As Graphviz reads it. */
export function graphDot(jobs: readonly Node[]): string {
  const name = (id: string): string => JSON.stringify(id);
  const lines = jobs.flatMap(({ id, dependencies }) => [
    `  ${name(id)}`,
    ...dependencies.map((parent) => `  ${name(parent.id)} -> ${name(id)}`),
  ]);
  return `digraph {\n${lines.map((line) => `${line}\n`).join("")}}\n`;
}

function labelOf({ id, dependencies: [, ...others] }: Node): string {
  return others.length === 0 ? id : `${id}  (and after ${others.map((parent) => parent.id).join(", ")})`;
}
