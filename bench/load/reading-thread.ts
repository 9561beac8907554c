// A client in a thread of its own, so that reading answers does not take the server's time: it GETs what it is asked to, one request at a time, over one connection.
import http from "node:http";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** One answer: how long it took until its last byte, and how many it has. */
export interface Read {
  readonly status: number;
  readonly ms: number;
  readonly bytes: number;
}

export class ReadingThread {
  readonly #worker: Worker;

  constructor(url: string) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: { url } });
  }

  /** The answers to these paths, read one after the other. */
  read(...paths: string[]): Promise<Read[]> {
    return new Promise((resolve) => this.#worker.once("message", resolve).postMessage(paths));
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function get(url: string, agent: http.Agent): Promise<Read> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.on("end", () => resolve({ status: response.statusCode!, ms: performance.now() - startMs, bytes }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

if (!isMainThread && workerData?.url !== undefined) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  parentPort!.on("message", async (paths: string[]) => {
    const reads: Read[] = [];
    for (const path of paths) reads.push(await get(`${workerData.url}${path}`, agent));
    parentPort!.postMessage(reads);
  });
}
