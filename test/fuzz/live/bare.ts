// What Node's own server does with the same attacks: it reads every body, forgets it, and answers each request with the same bytes. Whatever takes longer than here is ours.
import { createServer } from "node:http";

const [port, bytes] = process.argv.slice(2).map(Number);
const body = Buffer.alloc(bytes!, " ");

createServer((incoming, response) => {
  for (const half of [incoming, response]) half.on("error", () => {});
  incoming.resume().once("end", () => response.end(body));
}).listen({ host: "127.0.0.1", port: port! });
