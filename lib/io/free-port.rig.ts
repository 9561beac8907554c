// For tests of what listens on a port that it is told.
import { createServer } from "node:net";

// Below those that the kernel gives to clients, of which any may be taken in the next moment, and below those that clusters offer to tasks.
const [FIRST, COUNT] = [10_000, 11_000];

/** A port of this machine's loopback on which nobody listens; by chance, so that others who look at the same time hardly find the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
