// The thread of the second client: what the attacks cost the process that attacks must not be counted as slowness of who is attacked.
import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const EVERY_MS = 20;
const { port, path } = workerData as { port: number; path: string };
const connections = new Agent({ keepAlive: true, maxSockets: 1 });
let times: number[] = [];
let failures = 0;

parentPort!.on("message", () => {
  parentPort!.postMessage({ times, failures });
  times = [];
  failures = 0;
});

for (;;) {
  const startMs = performance.now();
  const status = await read();
  times.push(performance.now() - startMs);
  if (status !== 200) failures++;
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}

function read(): Promise<number> {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path, agent: connections }, (answer) => {
      answer.resume().once("close", () => resolve(answer.statusCode ?? 0));
    }).once("error", () => resolve(0));
  });
}
