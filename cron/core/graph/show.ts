import type { Look } from "../graph.ts";

type Nodes = readonly (readonly [id: string, parents: readonly string[]])[];

/** The two texts of the graph. Names need no escapes: they are letters, digits, `_`, `.` and `-`. Source: Chronos' /graph/csv and /graph/dot. */
export const show = { csv, dot } as const;

function csv(nodes: Nodes, look: Look): string {
  const shown = nodes.map(([id]) => {
    const { outcome, state } = look(id);
    return `node,${id},${outcome},${state}\n`;
  });
  const links = linksOf(nodes).map(([parent, child]) => `link,${parent},${child}\n`);
  return [...shown, ...links].join("");
}

function dot(nodes: Nodes, look: Look): string {
  const shown = nodes.map(([id]) => `  "${id}" [color="${COLORS[look(id).outcome] ?? COLORS.fresh}"]\n`);
  const links = linksOf(nodes).map(([parent, child]) => `  "${parent}" -> "${child}"\n`);
  return `digraph {\n${[...shown, ...links].join("")}}\n`;
}

const COLORS: Readonly<Record<string, string>> & { readonly fresh: string } = {
  fresh: "black",
  success: "green",
  failure: "red",
};

function linksOf(nodes: Nodes): [string, string][] {
  return nodes.flatMap(([id, parents]) => parents.map((parent): [string, string] => [parent, id]));
}
