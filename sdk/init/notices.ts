import type { InitNotice } from "./client.ts";

/** Puts the frames of an event stream together from pieces of it. Source: the WHATWG's server-sent events, as far as init uses them. */
export class NoticeReader {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The notices that this chunk completes. Frames without data, such as heartbeats, are none. */
  push(chunk: Uint8Array): InitNotice[] {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    const frames = text.split(/\r?\n\r?\n/);
    this.#rest = frames.pop()!;
    return frames.flatMap((frame) => noticeOf(frame) ?? []);
  }
}

function noticeOf(frame: string): InitNotice | undefined {
  const data = frame.split(/\r?\n/).flatMap((line) => /^data: ?(.*)$/s.exec(line)?.[1] ?? []);
  return data.length === 0 ? undefined : (JSON.parse(data.join("\n")) as InitNotice);
}
