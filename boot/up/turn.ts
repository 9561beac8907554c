import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** In Linux' abstract namespace, which is the network namespace's, as ports are: gone with whoever had it. */
const NAME = "\0meseta-up-chooses-ports";
/** As long as the parts of one `up` may take to serve. */
const PATIENCE_MS = 30_000;

/**
 * Does this work while no other `up` of this machine does: two that look for free ports at the same moment find the same ones, for only
 * listening takes a port. Who has waited `patienceMs`, or is on a system without such names, goes on without a turn.
 */
export async function inTurn<T>(work: () => Promise<T>, name = NAME, patienceMs = PATIENCE_MS): Promise<T> {
  const release = await take(name, AbortSignal.timeout(patienceMs));
  try {
    return await work();
  } finally {
    release();
  }
}

async function take(name: string, late: AbortSignal): Promise<() => void> {
  while (!late.aborted) {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => waiting.add(socket.on("error", () => {})));
    const how = await listen(server, name);
    if (how === "taken") await lookOn(name, late);
    else
      return () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
  }
  return () => {};
}

function listen(server: Server, name: string): Promise<"mine" | "taken" | "unknown"> {
  return new Promise((resolve) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE" ? "taken" : "unknown"));
    server.listen(name, () => resolve("mine"));
  });
}

/** Until whoever has the turn gives it back, or dies. */
async function lookOn(name: string, late: AbortSignal): Promise<void> {
  const socket = connect(name).on("error", () => {});
  await once(socket.resume(), "close", { signal: late }).catch(() => {});
  socket.destroy();
}
