import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Fetcher } from "../../core/agent/outside.ts";
import type { Containers } from "../../core/agent/ports.ts";
import type { AgentConfig } from "../../core/agent/state.ts";
import type { Verbosity } from "../logging.ts";
import type { Ends } from "./ends.ts";
import type { AgentFiles } from "./files.ts";
import type { Inputs } from "./input.ts";
import type { AgentLoop } from "./loop.ts";
import type { PortProbes } from "./probes.ts";

/** What the handlers of the agent's API share. */
export interface Front {
  readonly loop: AgentLoop;
  /** Left out where there is no master. */
  readonly link?: { readonly dropped: number } | undefined;
  readonly config: AgentConfig;
  readonly containers: Containers;
  readonly fetcher: Fetcher;
  readonly ends: Ends;
  readonly inputs: Inputs;
  /** How many looks at ports are under way, and how many wait. */
  readonly probes: Pick<PortProbes, "underWay" | "waiting">;
  readonly files: AgentFiles;
  readonly verbosity: Verbosity;
  readonly log: Log;
  /** Of the server that answers. */
  readonly http: HttpCounts;
  /** How long it took from the start of the process until the records were read. */
  recoveryMs: number;
}
