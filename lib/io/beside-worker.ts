// The thread of {@link Beside}.
import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { basename } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { owned } from "./owned.ts";

interface Module {
  answer(question: unknown, bytes: Uint8Array): object;
}

/** In steps of nice. */
const [LESS, LEAST] = [5, 19];

const { answer } = (await import((workerData as { module: string }).module)) as Module;

// Where all processors are busy, the event loop goes first. On Linux a priority is a thread's own.
setPriority(Number(basename(readlinkSync("/proc/thread-self"))), Math.min(getPriority() + LESS, LEAST));

parentPort!.on("message", ({ question, blocks }: { question: unknown; blocks: Uint8Array[] }) => {
  try {
    const value = answer(question, blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks));
    parentPort!.postMessage({ value }, owned(Object.values(value)));
  } catch (error) {
    parentPort!.postMessage({ error: (error as Error).message });
  }
});
