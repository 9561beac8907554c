import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { type LeastRate, paced, slowness } from "@meseta/lib/io/http/paced.ts";
import { ask, lengthOf, mustBeOk, retried } from "./http.ts";
import type { Validators } from "./order.ts";

export interface Download {
  readonly url: string;
  /** Open for writing; it has what was sent, and nothing else, when the download is done. */
  readonly into: FileHandle;
  readonly stallMs: number;
  readonly leastRate: LeastRate;
  readonly retryMs: number;
  /** What it must weigh; absent: what the server says. */
  readonly bytes?: number;
  /** Hears in a sentence what happens on the way. */
  readonly tell: (text: string) => void;
}

/** GETs a file. What breaks off is tried again from its beginning; what came in the end has the length that was promised. */
export async function download(wanted: Download): Promise<Validators & { readonly bytes: number }> {
  const { url, into, stallMs, leastRate, retryMs, tell } = wanted;
  const attempt = async () => {
    await into.truncate(0);
    const answer = await ask({ method: "GET", url, stallMs, redirected: (to) => tell(`Redirected to '${to}'`) });
    mustBeOk(answer);
    const bytes = await receive(answer, into, leastRate, wanted.bytes ?? lengthOf(answer));
    return { bytes, etag: answer.headers.etag, lastModified: answer.headers["last-modified"] };
  };
  return retried(retryMs, attempt, (why) => tell(`Trying again: ${why}`));
}

async function receive(
  answer: IncomingMessage,
  into: FileHandle,
  least: LeastRate,
  promised: number | undefined,
): Promise<number> {
  let bytes = 0;
  const tooSlow = (came: number) => new Error(`it ${slowness(came, least)}`);
  try {
    for await (const chunk of paced(answer, least, tooSlow)) {
      if (promised !== undefined && bytes + chunk.length > promised)
        throw new Error("it sent more than it had promised");
      await writeAll(into, chunk, bytes);
      bytes += chunk.length;
    }
  } catch (error) {
    throw cutOff(error as NodeJS.ErrnoException) ? new Error(`it broke off after ${bytes} bytes`) : error;
  }
  if (promised !== undefined && bytes !== promised) throw new Error(`it sent ${bytes} bytes of ${promised}`);
  return bytes;
}

async function writeAll(into: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await into.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

function cutOff({ code, message }: NodeJS.ErrnoException): boolean {
  return message === "aborted" || code === "ERR_STREAM_PREMATURE_CLOSE";
}
