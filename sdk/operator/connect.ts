import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { RecordStreams } from "@meseta/lib/io/record-streams.ts";
import { type Format, json } from "../core/format.ts";
import { AgentClient } from "./agent.ts";
import { MasterClient } from "./master.ts";

/** Calls of operators have no order among them; so many may be under way at once. */
const CONNECTIONS = 4;

/** The master's Operator API over HTTP: whichever of these base URLs leads. */
export function connectMaster(masters: readonly string[], format: Format = json): MasterClient {
  const { mediaType } = format;
  const transport = new CallStream({ urls: masters, path: "/api/v1", mediaType, connections: CONNECTIONS });
  return new MasterClient(transport, masters.join(","), format, transport);
}

/** One agent's Operator API over HTTP. `answerTimeoutMs` must be long where WAIT_CONTAINER is called. */
export function connectAgent(url: string, format: Format = json, answerTimeoutMs?: number): AgentClient {
  const { mediaType } = format;
  const options = { urls: [url], path: "/api/v1", mediaType, connections: CONNECTIONS, callTimeoutMs: answerTimeoutMs };
  const streams = new RecordStreams(new HttpClient(), { url: `${url}/api/v1`, mediaType });
  return new AgentClient(new CallStream(options), url, format, streams);
}
