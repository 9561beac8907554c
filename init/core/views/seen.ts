import type { InitState } from "../state.ts";

/** What views look at of all that init knows. */
export type Seen = Pick<
  InitState,
  | "config"
  | "tree"
  | "history"
  | "olderSpecs"
  | "services"
  | "deployments"
  | "queue"
  | "backoff"
  | "health"
  | "master"
  | "departures"
>;
