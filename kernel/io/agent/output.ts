import { constants } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";
import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import { writeMessage } from "@meseta/api/mesos/codec/write-message.ts";
import type { Call, ProcessIO, ProcessIODataType } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { encodeRecord } from "@meseta/lib/core/recordio.ts";
import { type Answer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { EventStream } from "@meseta/lib/io/http/event-stream.ts";
import { acceptedTypeOf, agentTypes, callTypes } from "@meseta/lib/io/http/negotiation.ts";
import type { Reply, Request } from "@meseta/lib/io/http/request.ts";
import { containerName, type Output, outputOf } from "../../core/agent/containers.ts";
import type { Front } from "./front.ts";

/** In what a stream of output is written, and how its head says so. */
interface OutputType {
  readonly mediaType: MediaType;
  readonly headers: Readonly<Record<string, string>>;
}

const POLL_MS = 100;
const HEARTBEAT_MS = 30_000;
const MOST_BYTES = 64 * 1024;

/** ATTACH_CONTAINER_OUTPUT: what the container writes from now on, until it ends or the reader goes. */
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
  await follow(front, id, output, "from now", reply.open(type.headers), type.mediaType);
  return undefined;
}

/** LAUNCH_NESTED_CONTAINER_SESSION: a container whose output is the answer, and which ends with its reader. */
export async function openSession(
  front: Front,
  call: Call,
  request: Request,
  reply: Reply,
): Promise<Answer | undefined> {
  const session = call.launch_nested_container_session!;
  const type = outputTypeOf(request);
  if ("status" in type) return type;
  const answer = await ask(front, { type: "LAUNCH_NESTED_CONTAINER", launch_nested_container: session });
  if (answer.status !== 200) return answer;
  const id = session.container_id;
  const stream = reply.open(type.headers);
  stream.onClose(() => void ask(front, { type: "KILL_CONTAINER", kill_container: { container_id: id } }));
  const output = await front.loop.read((state) => outputOf(state, id));
  if (output !== undefined) await follow(front, id, output, "whole", stream, type.mediaType);
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

async function follow(
  front: Front,
  id: ContainerID,
  { directory }: Output,
  from: "whole" | "from now",
  stream: EventStream,
  mediaType: MediaType,
): Promise<void> {
  const send = (message: ProcessIO) =>
    stream.write(encodeRecord(writeMessage("mesos.v1.agent.ProcessIO", mediaType, message)));
  const tails = [new Tail(`${directory}/stdout`, "STDOUT"), new Tail(`${directory}/stderr`, "STDERR")];
  if (from === "from now") for (const tail of tails) await tail.skip();
  let heartbeatMs = performance.now() + HEARTBEAT_MS;
  try {
    for (;;) {
      const ended = !(await front.loop.read((state) => outputOf(state, id)?.running === true));
      for (const tail of tails)
        for (let data = await tail.next(); data !== undefined; data = await tail.next()) {
          send({ type: "DATA", data: { type: tail.type, data: Buffer.from(data).toString("base64") } });
          await stream.drained();
        }
      if (ended || stream.closed) return;
      if (performance.now() >= heartbeatMs) {
        send({
          type: "CONTROL",
          control: { type: "HEARTBEAT", heartbeat: { interval: { nanoseconds: HEARTBEAT_MS * 1e6 } } },
        });
        heartbeatMs += HEARTBEAT_MS;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    for (const tail of tails) await tail.close();
    stream.end();
  }
}

/** Reads a file as it grows; one that was cut by rotation is read from its new beginning. */
class Tail {
  readonly type: ProcessIODataType;
  readonly #path: string;
  #file: FileHandle | undefined;
  #offset = 0;

  constructor(path: string, type: ProcessIODataType) {
    this.#path = path;
    this.type = type;
  }

  async skip(): Promise<void> {
    this.#offset = await this.#size();
  }

  async next(): Promise<Uint8Array | undefined> {
    const size = await this.#size();
    if (size < this.#offset) this.#offset = 0;
    if (size === this.#offset) return undefined;
    const { buffer, bytesRead } = await this.#file!.read(
      Buffer.alloc(Math.min(MOST_BYTES, size - this.#offset)),
      0,
      undefined,
      this.#offset,
    );
    this.#offset += bytesRead;
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #size(): Promise<number> {
    this.#file ??= await openItself(this.#path);
    return this.#file === undefined ? 0 : (await this.#file.stat()).size;
  }
}

// The task may have put a link in the file's place, or in that of a folder above it.
async function openItself(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (file === undefined || (await readlink(`/proc/self/fd/${file.fd}`)) === path) return file;
  await file.close();
  return undefined;
}
