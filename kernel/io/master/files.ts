import { open, stat } from "node:fs/promises";
import type { CallReadFile } from "@meseta/api/mesos/generated/master.ts";
import type { FileInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { type Answer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import { MASTER_BOUNDS } from "../../core/master/bounds.ts";

/** One reading gives at most 16 pages. */
const MOST_BYTES = MASTER_BOUNDS.fileBytes.most;

const absent: Answer = textAnswer(404, "");

/** The files that the master shows: its log, under a name that does not tell where it lies. */
export class MasterFiles {
  /** What is shown, and where it lies. */
  readonly shown: ReadonlyMap<string, string>;

  constructor(logFile: string | undefined) {
    this.shown = new Map(logFile === undefined ? [] : [["/master/log", logFile]]);
  }

  /** What lies in a folder; a file has nothing in it. */
  async list(path: string): Promise<{ files: FileInfo[] } | { refusal: Answer }> {
    return this.shown.has(path) ? { files: [] } : { refusal: absent };
  }

  /** Without `length`, as much as one reading gives. */
  async read({
    path,
    offset,
    length,
  }: CallReadFile): Promise<{ size: number; data: Uint8Array } | { refusal: Answer }> {
    const place = this.shown.get(path);
    if (place === undefined) return { refusal: absent };
    try {
      const file = await open(place, "r");
      try {
        const { size } = await file.stat();
        const bytes = Math.max(0, Math.min(length ?? MOST_BYTES, MOST_BYTES, size - offset));
        const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
        return { size, data: buffer.subarray(0, bytesRead) };
      } finally {
        await file.close();
      }
    } catch {
      return { refusal: absent };
    }
  }

  async sizeOf(path: string): Promise<number | undefined> {
    const place = this.shown.get(path);
    return place === undefined
      ? undefined
      : stat(place).then(
          ({ size }) => size,
          () => undefined,
        );
  }
}
