import { type MediaType, readCall } from "@meseta/api/mesos/codec/read-call.ts";
import type { Call, CallAttachContainerInput, ProcessIO } from "@meseta/api/mesos/generated/agent.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { RecordDecoder, RecordError } from "@meseta/lib/core/recordio.ts";
import { type Answer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import { acceptedTypeOf, agentTypes, callTypes } from "@meseta/lib/io/http/negotiation.ts";
import type { Reply, Request } from "@meseta/lib/io/http/request.ts";
import { AGENT_BOUNDS, type AgentLimits } from "../../core/agent/bounds.ts";
import { containerName, inputOf } from "../../core/agent/containers.ts";
import type { ContainerInput } from "../../core/agent/ports.ts";
import { validateAgentCall } from "../../core/agent/validate/operator-call.ts";
import type { Front } from "./front.ts";

/** The streams of input that are open. */
export class Inputs {
  streams = 0;
  /** How many were refused because there were too many. */
  refused = 0;
  /** Of records that are not whole yet. */
  bytes = 0;
  /** Containers that have one, by the id under which the driver knows them. */
  readonly attached = new Set<string>();
  readonly limits: InputLimits;

  constructor(limits: InputLimits = limitsOf(AGENT_BOUNDS)) {
    this.limits = limits;
  }
}

/** How many streams there may be, of which each may hold a record; what all may hold; and how long it may take until the first record tells for which container a stream is. */
type InputLimits = Pick<AgentLimits, "inputs" | "inputBytes" | "inputRecordBytes" | "inputFirstMs">;

/**
 * ATTACH_CONTAINER_INPUT: records of calls, the first with the container's id, those that follow with what it is to read. The
 * answer comes when the stream is at its end, or the container is. Only an empty piece of data ends the container's input: it
 * waits for the next stream otherwise.
 */
export async function attachInput(front: Front, request: Request, reply: Reply): Promise<Answer | undefined> {
  const type = messageTypeOf(request);
  if (typeof type !== "string") return type;
  const { limits } = front.inputs;
  if (front.inputs.streams >= limits.inputs) {
    front.inputs.refused++;
    return textAnswer(503, `There are ${limits.inputs} streams of input already`, { "Retry-After": "1" });
  }
  front.inputs.streams++;
  const held = new Held(front.inputs);
  try {
    return await readAll(front, callsOf(request, type, held), reply);
  } catch (error) {
    if (reply.gone) return undefined;
    if (error instanceof RecordError) return textAnswer(400, error.message);
    throw error;
  } finally {
    front.inputs.streams--;
    held.release();
  }
}

/** What one stream holds of a record that is not whole, counted among all. */
class Held {
  readonly #inputs: Inputs;
  #bytes = 0;
  #isOver = false;

  constructor(inputs: Inputs) {
    this.#inputs = inputs;
  }

  /** One record; a stream of them has no end. */
  get mostOfRecord(): number {
    return this.#inputs.limits.inputRecordBytes;
  }

  /** False: all together hold too much. */
  set(bytes: number): boolean {
    if (this.#isOver) return true;
    this.#inputs.bytes += bytes - this.#bytes;
    this.#bytes = bytes;
    if (this.#inputs.bytes <= this.#inputs.limits.inputBytes) return true;
    this.#inputs.refused++;
    return false;
  }

  release(): void {
    this.set(0);
    this.#isOver = true;
  }
}

function messageTypeOf({ headers }: Request): MediaType | Answer {
  const given = headers["message-content-type"];
  if (given === undefined) return textAnswer(400, "Expecting 'Message-Content-Type' to be set for streaming requests");
  const type = callTypes.find((one) => one === given);
  if (type === undefined) return textAnswer(415, `Expecting 'Message-Content-Type' of ${callTypes.join(" or ")}`);
  const accept = acceptedTypeOf(headers, agentTypes);
  return typeof accept === "string" ? type : accept;
}

type Read = Call | { readonly refusal: Answer };

async function* callsOf({ incoming }: Request, type: MediaType, held: Held): AsyncGenerator<Read> {
  const decoder = new RecordDecoder(held.mostOfRecord);
  for await (const chunk of incoming!) {
    for (const record of decoder.push(chunk)) {
      const read = readCall("mesos.v1.agent.Call", type, record, "agent");
      yield read.ok ? read.call : { refusal: textAnswer(400, read.text) };
    }
    if (!held.set(decoder.held)) yield { refusal: tooMuch };
  }
  decoder.end();
}

const tooMuch = textAnswer(503, "Too many large records of input are under way; try again later", {
  "Retry-After": "1",
});

async function readAll(front: Front, calls: AsyncGenerator<Read>, reply: Reply): Promise<Answer | undefined> {
  const first = await within(front.inputs.limits.inputFirstMs, nextOf(calls));
  if (first === undefined) return textAnswer(408, "The first record did not arrive in time");
  if (first.done) return textAnswer(400, "Received EOF while reading request body");
  if ("refusal" in first.value) return first.value.refusal;
  const call = first.value;
  const refusal = validateAgentCall(call);
  if (refusal !== undefined) return textAnswer(400, refusal.message);
  if (call.type !== "ATTACH_CONTAINER_INPUT")
    return textAnswer(415, `Streaming 'Content-Type' application/recordio is not supported for ${call.type} call`);
  return attach(front, call.attach_container_input!, calls, reply);
}

async function attach(
  { loop, containers, inputs, ends }: Front,
  { container_id }: CallAttachContainerInput,
  calls: AsyncGenerator<Read>,
  reply: Reply,
): Promise<Answer | undefined> {
  const name = containerName(container_id!);
  const way = await loop.read((state) => inputOf(state, container_id!));
  if (!way?.running) return textAnswer(404, `Container ${name} cannot be found`);
  if (way.kind === undefined)
    return textAnswer(400, `Container ${name} has neither a terminal nor an input that was kept open`);
  const { handle } = way;
  const input = containers.input(handle);
  // The core has yet to hear that it has ended; or an agent before this one held the pipe.
  if (input === undefined) return textAnswer(404, `Container ${name} has ended, or its input has`);
  if (inputs.attached.has(handle)) return textAnswer(409, "Multiple input connections are not allowed");
  inputs.attached.add(handle);
  const over = Promise.withResolvers<undefined>();
  const stopListening = ends.on(handle, () => over.resolve(undefined));
  reply.onGone(() => over.resolve(undefined));
  try {
    return (await pass(calls, input, over.promise)) ?? { status: 200 };
  } finally {
    stopListening();
    inputs.attached.delete(handle);
  }
}

/** Until the stream ends, or there is nobody to write to or to answer any more; with what was wrong with it. */
async function pass(
  calls: AsyncGenerator<Read>,
  input: ContainerInput,
  over: Promise<undefined>,
): Promise<Answer | undefined> {
  for (;;) {
    const next = await Promise.race([nextOf(calls), over]);
    if (next === undefined || next.done) return undefined;
    if ("refusal" in next.value) return next.value.refusal;
    const message = messageOf(next.value);
    if (typeof message === "string") return textAnswer(400, `Failed to validate agent::Call: ${message}`);
    const taken = take(message, input);
    if (taken !== undefined) await Promise.race([taken, over]);
  }
}

// Nobody may be waiting any more when it fails.
function nextOf(calls: AsyncGenerator<Read>): Promise<IteratorResult<Read>> {
  const next = calls.next();
  next.catch(() => {});
  return next;
}

function messageOf({ type, attach_container_input: part }: Call): ProcessIO | string {
  if (type !== "ATTACH_CONTAINER_INPUT" || part === undefined)
    return "Expecting 'attach_container_input' to be present";
  if (part.type !== "PROCESS_IO" || part.process_io === undefined)
    return "Expecting 'attach_container_input.type' of all but the first message to be 'PROCESS_IO'";
  const { process_io } = part;
  return problemOf(process_io) ?? process_io;
}

function problemOf({ type, data, control }: ProcessIO): string | undefined {
  if (type === "DATA") {
    if (data === undefined) return "Expecting 'process_io.data' to be present";
    return data.type === "STDIN" ? undefined : "Expecting 'process_io.data.type' to be 'STDIN'";
  }
  if (type !== "CONTROL") return "Expecting 'process_io.type' to be present";
  if (control === undefined) return "Expecting 'process_io.control' to be present";
  if (control.type === "HEARTBEAT") return undefined;
  if (control.type !== "TTY_INFO") return "Expecting 'process_io.control.type' to be present";
  return control.tty_info?.window_size === undefined
    ? "Expecting 'process_io.control.tty_info.window_size' to be present"
    : undefined;
}

/** Resolves when the container has taken it. A part of another type than the message says was not looked at, and is not there. */
function take({ type, data, control }: ProcessIO, input: ContainerInput): Promise<void> | undefined {
  if (type === "CONTROL") {
    if (control!.type === "TTY_INFO") input.resize(control!.tty_info!.window_size!);
    return undefined;
  }
  const bytes = Buffer.from(data!.data ?? "", "base64");
  if (bytes.length > 0) return input.write(bytes);
  input.end();
  return undefined;
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, ms, undefined);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
