import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { Call, ProcessIO } from "@meseta/api/mesos/generated/agent.ts";
import { CallFailed, type RecordStream, type Streams } from "@meseta/lib/core/ports/transport.ts";
import { CallRefused, Unreachable } from "../core/errors.ts";
import type { Format } from "../core/format.ts";

/** A piece of what a container has written. Everything that a terminal shows is "stdout". */
export interface OutputPiece {
  readonly from: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

/** To whom the calls go, how they are written, and how that is called in errors. */
export interface Place {
  readonly format: Format;
  readonly where: string;
}

/** Rejects with CallRefused when the agent refuses, and with Unreachable when it does not answer. */
export async function openOutput(streams: Streams, place: Place, call: Call, query = ""): Promise<ContainerOutput> {
  const opened = await streams
    .records(place.format.encode("mesos.v1.agent.Call", call), query)
    .catch((error: Error) => {
      throw unreachable(error, place);
    });
  if ("status" in opened)
    throw new CallRefused(place.where, call.type ?? "call", opened.status, decodeUtf8(opened.body));
  return new ContainerOutput(opened, place);
}

/** No answer, or no whole one, as what it is for callers. */
export function unreachable(error: Error, { where }: Place): Error {
  return error instanceof CallFailed ? new Unreachable("agent", where, error.message) : error;
}

/**
 * What a container writes, for one reader; it ends with the container. It is not opened again when it breaks, because nobody
 * could tell what was missed: then iterating throws Unreachable. The files in the sandbox still have all of it.
 */
export class ContainerOutput implements AsyncIterable<OutputPiece> {
  readonly #stream: RecordStream;
  readonly #place: Place;

  constructor(stream: RecordStream, place: Place) {
    this.#stream = stream;
    this.#place = place;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputPiece, void, void> {
    try {
      for await (const record of this.#stream) {
        const { data } = this.#place.format.decode("mesos.v1.agent.ProcessIO", record) as ProcessIO;
        if (data?.data === undefined) continue;
        yield { from: data.type === "STDERR" ? "stderr" : "stdout", bytes: Uint8Array.fromBase64(data.data) };
      }
    } catch (error) {
      throw unreachable(error as Error, this.#place);
    }
  }

  /** Leaves; a session's container ends. */
  close(): void {
    this.#stream.close();
  }
}
