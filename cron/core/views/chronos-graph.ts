import type { Reading } from "../query.ts";
import { lookAt, type Seen } from "./look.ts";
import { text } from "./reading.ts";

/** GET /graph/csv and /graph/dot. */
export function readGraph(state: Seen, format: "csv" | "dot"): Reading {
  const look = (id: string) => lookAt(state, id);
  return text(format === "csv" ? state.graph.csv(look) : state.graph.dot(look));
}
