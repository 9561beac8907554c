import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { CallAttachContainerInput } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID, TTYInfoWindowSize } from "@meseta/api/mesos/generated/mesos.ts";
import type { RecordSink, Streams } from "@meseta/lib/core/ports/transport.ts";
import { CallRefused } from "../core/errors.ts";
import { type Place, unreachable } from "./container-output.ts";

/** What one record carries at most; larger writes are several. */
const PIECE_BYTES = 64 * 1024;
/** As often as agents send theirs. */
const HEARTBEAT_MS = 30_000;

/**
 * Writes to a container. Leaving (`close`) is not the container's end of input: another writer may follow. It is not opened again
 * when it breaks, because nobody could tell what had arrived: then `done` rejects, and what is written is dropped.
 */
export class ContainerInput {
  /**
   * Resolves when the agent wants no more: after `close`, or when the container has ended. Rejects with CallRefused (no such
   * container 404, no input 400, another writer 409) and Unreachable.
   */
  readonly done: Promise<void>;
  readonly #sink: RecordSink;
  readonly #place: Place;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(streams: Streams, place: Place, container_id: ContainerID) {
    this.#sink = streams.send();
    this.#place = place;
    this.#heartbeat = setInterval(() => void this.#send({ type: "CONTROL", control: HEARTBEAT }), HEARTBEAT_MS);
    this.#heartbeat.unref();
    this.done = this.#answered().finally(() => clearInterval(this.#heartbeat));
    this.done.catch(() => {}); // Whoever wants to know looks.
    void this.#record({ type: "CONTAINER_ID", container_id });
  }

  /** Resolves when there is room for more: a slow container slows its writer. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const data = bytes.subarray(at, at + PIECE_BYTES).toBase64();
      await this.#send({ type: "DATA", data: { type: "STDIN", data } });
    }
  }

  /** The container's end of input; for a terminal Ctrl-D. */
  async end(): Promise<void> {
    await this.#send({ type: "DATA", data: { type: "STDIN", data: "" } });
  }

  async resize(window_size: TTYInfoWindowSize): Promise<void> {
    await this.#send({ type: "CONTROL", control: { type: "TTY_INFO", tty_info: { window_size } } });
  }

  /** Leaves; what was written still arrives. */
  close(): void {
    this.#sink.end();
  }

  #send(process_io: NonNullable<CallAttachContainerInput["process_io"]>): Promise<void> {
    return this.#record({ type: "PROCESS_IO", process_io });
  }

  #record(attach_container_input: CallAttachContainerInput): Promise<void> {
    const call = { type: "ATTACH_CONTAINER_INPUT" as const, attach_container_input };
    return this.#sink.write(this.#place.format.encode("mesos.v1.agent.Call", call));
  }

  async #answered(): Promise<void> {
    const answer = await this.#sink.answer.catch((error: Error) => {
      throw unreachable(error, this.#place);
    });
    if (answer.status === 200) return;
    throw new CallRefused(this.#place.where, "ATTACH_CONTAINER_INPUT", answer.status, decodeUtf8(answer.body));
  }
}

const HEARTBEAT = { type: "HEARTBEAT" as const, heartbeat: { interval: { nanoseconds: HEARTBEAT_MS * 1e6 } } };
