import type { Refusal } from "@meseta/api/json-body/outcome.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Client } from "../event.ts";
import type { Answer, InitOut } from "../out.ts";
import type { InitState } from "../state.ts";

/** What each call is given: all that is known, who asks, and where to write what follows. A call that is refused has changed nothing and told nothing, but that it was refused. */
export interface Asking extends Deciding {
  readonly client: Client;
}

/** The same where nobody asks. */
export interface Deciding {
  readonly state: InitState;
  readonly nowMs: number;
  readonly out: InitOut;
  /** What a dry run may place instances on. */
  readonly offers?: readonly Offer[] | undefined;
}

export function refused({ status, body }: Refusal): Answer {
  return { status, body };
}

export function notFound(message: string): Answer {
  return { status: 404, body: { message } };
}

/** A whole object is wrong for this reason: Marathon's answer to an illegal argument. */
export function illegal(message: string): Answer {
  return { status: 422, body: { message } };
}
