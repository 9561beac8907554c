// For tests of what listens on a port that it is told.
import { createServer } from "node:net";

// Below those that the kernel gives to clients, of which any may be taken in the next moment, and below those that clusters offer to tasks.
const [FIRST, COUNT, KEPT_COUNT] = [10_000, 11_000, 9_500];

/** A port of this machine's loopback on which nobody listens; by chance, so that others who look at the same time hardly find the same one. */
export function freePort(): Promise<number> {
  return freeFrom(FIRST, COUNT);
}

/** One that is given up and taken again later, as by what is stopped and started: of a range in which nobody else looks for a free one. */
export function keptPort(): Promise<number> {
  return freeFrom(FIRST + COUNT, KEPT_COUNT);
}

async function freeFrom(first: number, count: number): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
