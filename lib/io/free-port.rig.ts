// For tests of what listens on a port that it is told.
import { createServer, type ListenOptions } from "node:net";

// Below those that the kernel gives to clients, of which any may be taken in the next moment, and below those that clusters offer to tasks.
const [FIRST, COUNT] = [10_000, 20_500];

/** A port of this machine's loopback on which nobody listens. It is this process's until its end: whoever else asks here gets another one, also while nobody listens on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if ((await isClaimed(port)) && (await isFree(port))) return port;
  }
}

/** By a socket of that name, which Linux gives to one process of the network namespace alone, and gives up with it: nothing is left behind by one that is killed. */
function isClaimed(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const claim = createServer().once("error", () => resolve(false));
    claim.listen({ path: `\0meseta-test-port-${port}` }, () => resolve(true)).unref();
  });
}

function isFree(port: number): Promise<boolean> {
  const loopback: ListenOptions = { host: "127.0.0.1", port, exclusive: true };
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(loopback, () => server.close(() => resolve(true)));
  });
}
