// A web server of the quickstart: answers on the port that its task was given, and says who it is.
import { createServer } from "node:http";

const { PORT, MESOS_TASK_ID: task, HOST: host, VERSION: version } = process.env;
let hits = 0;

createServer((request, response) => {
  hits++;
  response.setHeader("Content-Type", "application/json");
  response.end(`${JSON.stringify({ hello: "from Meseta", version, task, host, path: request.url, hits })}\n`);
}).listen(Number(PORT), "127.0.0.1", () => console.log(`${task} listens on port ${PORT}`));
