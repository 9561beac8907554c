// The process of the second client: what the attacks cost the process that attacks must not be counted as slowness of who is attacked.
import { Agent, get } from "node:http";

const EVERY_MS = 10;
const [port, path] = process.argv.slice(2);
const connections = new Agent({ keepAlive: true, maxSockets: 1 });
let times: number[] = [];
let failures = 0;

process.on("message", () => {
  process.send!({ times, failures });
  times = [];
  failures = 0;
});
process.once("disconnect", () => process.exit());

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
