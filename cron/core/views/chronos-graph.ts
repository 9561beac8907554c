import { Pieces } from "@meseta/lib/core/pieces.ts";
import type { Reading } from "../query.ts";
import { lookAt, type Seen } from "./look.ts";

/** GET /graph/csv and /graph/dot. */
export function readGraph(state: Seen, format: "csv" | "dot"): Reading {
  const look = (id: string) => lookAt(state, id);
  const lines = format === "csv" ? state.graph.csv(look) : state.graph.dot(look);
  // chronos-python takes an answer of no bytes for a failure.
  const isEmpty = format === "csv" && state.entries.size === 0;
  const pieces = isEmpty ? new Pieces().add("\n") : new Pieces().laterLines(lines);
  return { ...pieces.reading(), isText: true };
}
