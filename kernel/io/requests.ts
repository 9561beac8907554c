import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import { writeMessage } from "@meseta/api/mesos/codec/write-message.ts";
import { type Answer as HttpAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";
import type { RequestId } from "../core/master/event.ts";
import type { Answer } from "../core/master/out.ts";

/** The requests that wait for the core's answer. One whose client left is answered into nothing. */
export class Requests {
  #next: RequestId = 1;
  readonly #waiting = new Map<RequestId, { reply: Reply; accept: MediaType }>();

  get size(): number {
    return this.#waiting.size;
  }

  add(reply: Reply, accept: MediaType): RequestId {
    const id = this.#next++;
    this.#waiting.set(id, { reply, accept });
    return id;
  }

  answer(id: RequestId, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.reply.answer(toHttp(answer, waiting.accept));
  }
}

/** The core's answer on the wire: a message in the accepted type, a sentence, or nothing but a status. */
export function toHttp({ status, text, message }: Answer, accept: MediaType): HttpAnswer {
  if (message !== undefined)
    return { status, headers: { "Content-Type": accept }, body: writeMessage(message.type, accept, message.value) };
  return text === undefined ? { status } : textAnswer(status, text);
}
