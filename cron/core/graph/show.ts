/** A job as it was when it was looked at. */
export interface Node {
  readonly id: string;
  readonly parents: readonly string[];
  readonly outcome: string;
  readonly state: string;
}

/** The two texts of the graph, line by line. Names need no escapes: they are letters, digits, `_`, `.` and `-`. Source: Chronos' /graph/csv and /graph/dot. */
export const show = { csv, dot } as const;

function* csv(nodes: readonly Node[]): Generator<string> {
  for (const { id, outcome, state } of nodes) yield `node,${id},${outcome},${state}\n`;
  for (const { id, parents } of nodes) for (const parent of parents) yield `link,${parent},${id}\n`;
}

function* dot(nodes: readonly Node[]): Generator<string> {
  yield "digraph {\n";
  for (const { id, outcome } of nodes) yield `  "${id}" [color="${COLORS[outcome] ?? COLORS.fresh}"]\n`;
  for (const { id, parents } of nodes) for (const parent of parents) yield `  "${parent}" -> "${id}"\n`;
  yield "}\n";
}

const COLORS: Readonly<Record<string, string>> & { readonly fresh: string } = {
  fresh: "black",
  success: "green",
  failure: "red",
};
