// The thread of {@link Beside}.
import { parentPort, workerData } from "node:worker_threads";
import { owned } from "./owned.ts";

interface Module {
  answer(question: unknown, bytes: Uint8Array): object;
}

const { answer } = (await import((workerData as { module: string }).module)) as Module;

parentPort!.on("message", ({ question, blocks }: { question: unknown; blocks: Uint8Array[] }) => {
  try {
    const value = answer(question, blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks));
    parentPort!.postMessage({ value }, owned(Object.values(value)));
  } catch (error) {
    parentPort!.postMessage({ error: (error as Error).message });
  }
});
