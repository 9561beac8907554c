import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { CallAnswer } from "@meseta/lib/core/ports/transport.ts";
import { CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { Leaders } from "@meseta/lib/io/leaders.ts";
import { RecordStreams } from "@meseta/lib/io/record-streams.ts";
import { CallRefused, Unreachable } from "../core/errors.ts";
import { type Format, json } from "../core/format.ts";
import { AgentClient } from "./agent.ts";
import { MasterClient } from "./master.ts";

/** Calls of operators have no order among them; so many may be under way at once. */
const CONNECTIONS = 4;

/** The master's Operator API over HTTP: whichever of these base URLs leads. */
export function connectMaster(masters: readonly string[], format: Format = json): MasterClient {
  const { mediaType } = format;
  const transport = new CallStream({ urls: masters, path: "/api/v1", mediaType, connections: CONNECTIONS });
  return new MasterClient(transport, masters.join(","), format);
}

/** One agent's Operator API over HTTP. `answerTimeoutMs` must be long where WAIT_CONTAINER is called. */
export function connectAgent(url: string, format: Format = json, answerTimeoutMs?: number): AgentClient {
  const { mediaType } = format;
  const options = { urls: [url], path: "/api/v1", mediaType, connections: CONNECTIONS, callTimeoutMs: answerTimeoutMs };
  const streams = new RecordStreams(new HttpClient(), { url: `${url}/api/v1`, mediaType });
  return new AgentClient(new CallStream(options), url, format, streams);
}

const MAX_REDIRECTS = 5;

/** GETs a page of the leading master as JSON: those that are no call, such as `/explain?framework_id=` and `/state`. */
export async function getFromMaster<T>(masters: readonly string[], path: string): Promise<T> {
  const client = new HttpClient(1);
  const leaders = new Leaders(masters);
  try {
    const answer = await follow(client, leaders, path);
    if (answer.status === 200) return JSON.parse(decodeUtf8(answer.body)) as T;
    throw new CallRefused(leaders.url, `GET ${path}`, answer.status, decodeUtf8(answer.body));
  } finally {
    client.close();
  }
}

async function follow(client: HttpClient, leaders: Leaders, path: string): Promise<CallAnswer> {
  let untried = leaders.candidates - 1;
  for (let redirects = 0; ; ) {
    const answer = await client
      .exchange({ url: leaders.url + path, method: "GET" })
      .catch((error: CallFailed) => error);
    const location = answer instanceof CallFailed ? undefined : answer.headers["location"];
    if (answer instanceof CallFailed || answer.status === 503) {
      if (untried-- > 0) leaders.next();
      else if (answer instanceof CallFailed) throw new Unreachable("master", leaders.url, answer.message);
      else return answer;
    } else if (answer.status === 307 && location !== undefined && redirects++ < MAX_REDIRECTS) leaders.follow(location);
    else return answer;
  }
}
