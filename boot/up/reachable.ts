import { connect, createServer, type Server } from "node:net";
import { Failure } from "@meseta/shell/core/failure.ts";

/** Within a machine nothing takes that long. */
const CONNECT_MS = 5_000;

/** Rejects with `not-started` where processes of this machine do not reach one another at that address, as when its loopback device is down. */
export async function checkReachable(ip: string): Promise<void> {
  const server = createServer((socket) => void socket.on("error", () => {}).destroy());
  const problem = (await listened(server, ip)) ?? (await connected(server, ip));
  server.close();
  if (problem === undefined) return;
  throw new Failure("not-started", {
    part: "cluster",
    why: `its parts would not reach one another at ${ip}: ${problem}`,
    again: "ip address, which says what addresses this machine has; with the loopback device down: ip link set lo up",
  });
}

function listened(server: Server, ip: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(`nobody can listen there (${code})`));
    server.listen({ host: ip, port: 0 }, () => resolve(undefined));
  });
}

function connected(server: Server, ip: string): Promise<string | undefined> {
  const { port } = server.address() as { port: number };
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port, timeout: CONNECT_MS });
    const settle = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => settle());
    socket.once("timeout", () => settle("a connection to it is not answered"));
    socket.on("error", ({ code }: NodeJS.ErrnoException) => settle(`a connection to it fails (${code})`));
  });
}
