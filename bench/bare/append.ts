import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writev } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Durable appends a second of `writers` that each wait for the disk before they go on: all that wait are written with one writev and made
 * durable with one fdatasync. The least that any store with a group commit does.
 */
export async function bareAppendsPerSecond(writers: number, bytes: number, count: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-bench-"));
  const file = openSync(join(dir, "log"), "a");
  const record = Buffer.alloc(bytes, 1);
  const startMs = performance.now();
  for (let done = 0; done < count; done += writers)
    await append(
      file,
      Array.from({ length: writers }, () => record),
    );
  const seconds = (performance.now() - startMs) / 1000;
  closeSync(file);
  rmSync(dir, { recursive: true });
  return count / seconds;
}

function append(file: number, records: Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    writev(file, records, (error) => {
      if (error) reject(error);
      else fdatasync(file, (failed) => (failed ? reject(failed) : resolve()));
    });
  });
}
