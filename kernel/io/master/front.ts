import type { Log } from "@meseta/lib/core/ports/log.ts";
import { type Answer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { HttpCounts } from "@meseta/lib/io/http/counts.ts";
import type { Handler, Request } from "@meseta/lib/io/http/request.ts";
import type { Leader } from "@meseta/lib/io/place.ts";
import type { MasterConfig } from "../../core/master/state.ts";
import type { Verbosity } from "../logging.ts";
import type { CallRates } from "./call-rates.ts";
import type { MasterFiles } from "./files.ts";
import { redirect } from "./leadership.ts";
import type { MasterLoop } from "./loop.ts";

/** What the handlers of the master's API share. */
export interface Front {
  readonly loop: MasterLoop;
  readonly config: MasterConfig;
  readonly files: MasterFiles;
  readonly verbosity: Verbosity;
  readonly log: Log;
  /** Of the server that answers. */
  readonly http: HttpCounts;
  /** Of the calls of schedulers; left out, each is taken as it comes. */
  readonly rates?: CallRates | undefined;
  leader(): Leader;
  /** False while this one stands by and nobody answers who could say who leads. */
  hears(): boolean;
}

/** Why the request cannot be looked at: another master leads, nobody does, or this one is still loading its records. */
function closedTo(front: Front, request: Request): Answer | undefined {
  const leader = front.leader();
  if (leader !== "self") return redirect(leader, front.config, request.path, request.query.toString());
  return front.loop.ready ? undefined : textAnswer(503, "Master has not finished recovery");
}

/** A handler that only the leader answers. */
export function led(front: Front, handler: Handler): Handler {
  return (request, reply) => closedTo(front, request) ?? handler(request, reply);
}
