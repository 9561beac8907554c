// The server of the quickstart's pod where it runs as a plain process: shows the page that its sidecar writes.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const [folder] = process.argv.slice(2);

createServer(async (_, response) => {
  const page = await readFile(join(folder, "index.html")).catch(() => "not written yet\n");
  response.setHeader("Content-Type", "text/html");
  response.end(page);
}).listen(Number(process.env.PORT), "127.0.0.1");
