import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import type { Call, ProcessIO, ProcessIODataType } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { type Answer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { EventStream } from "@meseta/lib/io/http/event-stream.ts";
import { acceptedTypeOf, agentTypes, callTypes } from "@meseta/lib/io/http/negotiation.ts";
import type { Reply, Request } from "@meseta/lib/io/http/request.ts";
import { containerName, type Output, outputOf } from "../../core/agent/containers.ts";
import { frame } from "../frame.ts";
import { Bell } from "./bell.ts";
import type { Front } from "./front.ts";
import { Tail } from "./tail.ts";

/** In what a stream of output is written, and how its head says so. */
interface OutputType {
  readonly mediaType: MediaType;
  readonly headers: Readonly<Record<string, string>>;
}

/** A safety net: changes and ends are told. */
const LOOK_ANYWAY_MS = 1000;
/** Where the kernel does not tell of changes. */
const UNWATCHED_LOOK_MS = 100;
/** The end was told, but is not a part of the state yet: the store takes its time. */
const ENDING_LOOK_MS = 20;
const HEARTBEAT_MS = 30_000;

/**
 * ATTACH_CONTAINER_OUTPUT: what the container writes from now on, until it ends or the reader goes; with `?from=start` also
 * what it has written before.
 */
export async function attachOutput(
  front: Front,
  call: Call,
  request: Request,
  reply: Reply,
): Promise<Answer | undefined> {
  const id = call.attach_container_output!.container_id;
  const type = outputTypeOf(request);
  if ("status" in type) return type;
  const output = await front.loop.read((state) => outputOf(state, id));
  if (output === undefined || !output.running) return textAnswer(404, `Container ${containerName(id)} cannot be found`);
  const tails = new Tails(output);
  // Before the head goes out: who has it may count on hearing what comes after.
  if (request.query.get("from") !== "start") await tails.skip();
  await follow(front, id, tails, reply.open(type.headers), type.mediaType);
  return undefined;
}

/** LAUNCH_NESTED_CONTAINER_SESSION: a container whose output is the answer, and which ends with its reader. */
export async function openSession(
  front: Front,
  call: Call,
  request: Request,
  reply: Reply,
): Promise<Answer | undefined> {
  const id = call.launch_nested_container_session!.container_id;
  const type = outputTypeOf(request);
  if ("status" in type) return type;
  front.containers.expect?.();
  const answer = await ask(front, call);
  if (answer.status !== 200) return answer;
  const stream = reply.open(type.headers);
  stream.onClose(() => void ask(front, { type: "KILL_CONTAINER", kill_container: { container_id: id } }));
  const output = await front.loop.read((state) => outputOf(state, id));
  if (output === undefined) stream.end();
  else await follow(front, id, new Tails(output), stream, type.mediaType);
  return undefined;
}

// A stream may be RecordIO of messages of a type that is named apart; asked for as plain messages it is RecordIO as well.
function outputTypeOf({ headers }: Request): OutputType | Answer {
  const type = acceptedTypeOf(headers, agentTypes);
  if (typeof type !== "string") return type;
  if (type !== "application/recordio") return { mediaType: type, headers: { "Content-Type": type } };
  const mediaType = acceptedTypeOf({ accept: headers["message-accept"] }, callTypes);
  if (typeof mediaType !== "string") return mediaType;
  return { mediaType, headers: { "Content-Type": type, "Message-Content-Type": mediaType } };
}

function ask({ loop }: Front, call: Call): Promise<Answer> {
  return new Promise((resolve) => {
    const reply: Reply = { answer: resolve, open: () => unopened(), gone: false, onGone() {} };
    loop.post({ type: "operator-call", request: loop.requests.add(reply, "application/json"), call });
  });
}

function unopened(): never {
  throw new Error("a call of the agent to itself is answered, not streamed");
}

/** What a container writes, as one source; a terminal has but stdout. */
class Tails {
  readonly bell = new Bell();
  readonly handle: string;
  readonly #tails: readonly { readonly type: ProcessIODataType; readonly tail: Tail }[];

  constructor({ directory, handle }: Output) {
    this.handle = handle;
    this.#tails = (["STDOUT", "STDERR"] as const).map((type) => ({
      type,
      tail: new Tail(`${directory}/${type.toLowerCase()}`, this.bell.ring),
    }));
  }

  async skip(): Promise<void> {
    for (const { tail } of this.#tails) await tail.skip();
  }

  /** Gives what is new, one piece of each at a time, so that neither waits for the other to be silent. */
  async *fresh(): AsyncGenerator<ProcessIO> {
    for (let more = true; more; ) {
      more = false;
      for (const { type, tail } of this.#tails) {
        const data = await tail.next();
        if (data === undefined) continue;
        more = true;
        yield { type: "DATA", data: { type, data: Buffer.from(data).toString("base64") } };
      }
    }
  }

  get pauseMs(): number {
    return this.#tails.every(({ tail }) => tail.watched) ? LOOK_ANYWAY_MS : UNWATCHED_LOOK_MS;
  }

  async close(): Promise<void> {
    for (const { tail } of this.#tails) await tail.close();
  }
}

async function follow(
  front: Front,
  id: ContainerID,
  tails: Tails,
  stream: EventStream,
  mediaType: MediaType,
): Promise<void> {
  const send = (message: ProcessIO) => stream.write(frame("mesos.v1.agent.ProcessIO", mediaType, message));
  let [mayHaveEnded, isEnding] = [true, false];
  stream.onClose(tails.bell.ring);
  const stopListening = front.ends.on(tails.handle, () => {
    isEnding = true;
    tails.bell.ring();
  });
  let heartbeatMs = performance.now() + HEARTBEAT_MS;
  try {
    while (!stream.closed) {
      // The end first, then the files: what was written before the end is read after it was seen.
      const ended = (mayHaveEnded || isEnding) && !(await isRunning(front, id));
      for await (const message of tails.fresh()) {
        if (!send(message)) break;
        await stream.drained();
      }
      if (ended) return;
      if (performance.now() >= heartbeatMs) {
        send(HEARTBEAT);
        heartbeatMs += HEARTBEAT_MS;
      }
      mayHaveEnded = !(await tails.bell.rung(isEnding ? ENDING_LOOK_MS : tails.pauseMs));
    }
  } finally {
    stopListening();
    await tails.close();
    stream.end();
  }
}

const HEARTBEAT: ProcessIO = {
  type: "CONTROL",
  control: { type: "HEARTBEAT", heartbeat: { interval: { nanoseconds: HEARTBEAT_MS * 1e6 } } },
};

function isRunning({ loop }: Front, id: ContainerID): Promise<boolean> {
  return loop.read((state) => outputOf(state, id)?.running === true);
}
