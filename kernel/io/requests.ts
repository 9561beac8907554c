import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import { writeMessage } from "@meseta/api/mesos/codec/write-message.ts";
import { type Answer as HttpAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";
import { Requests as WaitingRequests } from "@meseta/lib/io/requests.ts";
import type { RequestId } from "../core/master/event.ts";
import type { Answer } from "../core/master/out.ts";

/** The requests that wait for a core's answer, each with the type that it accepts. */
export class Requests {
  readonly #waiting = new WaitingRequests<Answer>();

  get size(): number {
    return this.#waiting.size;
  }

  add(reply: Reply, accept: MediaType): RequestId {
    return this.#waiting.add((answer) => reply.answer(toHttp(answer, accept)));
  }

  answer(id: RequestId, answer: Answer): void {
    this.#waiting.answer(id, answer);
  }
}

/** Who gets these may have more luck in a moment. */
const LATER: ReadonlySet<number> = new Set([429, 503]);

/** The core's answer on the wire: a message in the accepted type, a sentence, or nothing but a status. */
export function toHttp({ status, text, message }: Answer, accept: MediaType): HttpAnswer {
  if (message !== undefined)
    return { status, headers: { "Content-Type": accept }, body: writeMessage(message.type, accept, message.value) };
  return text === undefined ? { status } : textAnswer(status, text, LATER.has(status) ? { "Retry-After": "1" } : {});
}
