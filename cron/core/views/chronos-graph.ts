import { Pieces } from "@meseta/lib/core/pieces.ts";
import type { Reading } from "../query.ts";
import { lookAt, type Seen } from "./look.ts";

/** GET /graph/csv and /graph/dot. */
export function readGraph(state: Seen, format: "csv" | "dot"): Reading {
  const look = (id: string) => lookAt(state, id);
  const lines = format === "csv" ? state.graph.csv(look) : state.graph.dot(look);
  return { ...new Pieces().laterLines(lines).reading(), isText: true };
}
