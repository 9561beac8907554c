// An idle process that listens with node:http and does nothing else: what the memory and the start of a daemon are compared with. Prints its port.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((_, response) => response.end());
server.listen(0, "127.0.0.1", () => console.error(` listens url=${(server.address() as AddressInfo).port}`));
