// What node:http itself can do with small POSTs: the bare operation beside which rates over HTTP are shown. The client is a process of its own
// with plain sockets and canned bytes, so that nearly all that is measured is the server.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { fileURLToPath } from "node:url";

const CONNECTIONS = 32;

/** POSTs a second that a bare server in this process answers, each with a body of `bodyBytes` that is read whole. */
export async function barePostsPerSecond(bodyBytes: number, count: number): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(202, { "Content-Length": 0 });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), String(port), String(bodyBytes), String(count)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const chunks: Buffer[] = [];
  client.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => client.once("close", resolve));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return Number(Buffer.concat(chunks));
}

async function postAll(port: number, bodyBytes: number, count: number): Promise<void> {
  const head = `POST /api/v1/scheduler HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(bodyBytes, 1)]);
  const share = Math.ceil(count / CONNECTIONS);
  await Promise.all(Array.from({ length: CONNECTIONS }, () => post(port, bytes, Math.ceil(share / 10))));
  const startMs = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, () => post(port, bytes, share)));
  console.log((share * CONNECTIONS * 1000) / (performance.now() - startMs));
}

/** One connection: the next request goes out when the answer to the last is whole. */
function post(port: number, bytes: Buffer, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setNoDelay(true);
    socket.on("error", reject);
    // The answers have no body, so each ends with its head; on a loopback a head comes in one piece.
    socket.on("data", (chunk: Buffer) => {
      if (chunk.subarray(-4).toString("latin1") !== "\r\n\r\n") return;
      if (--left > 0) socket.write(bytes);
      else socket.end(() => resolve());
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, bodyBytes, count] = process.argv.slice(2).map(Number) as [number, number, number];
  await postAll(port, bodyBytes, count);
}
