import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { hostAndPort } from "../../core/address.ts";
import type { Address } from "../../core/ports/election.ts";
import type { Leader } from "../place.ts";
import type { Answer } from "./answer.ts";
import { HttpClient } from "./client.ts";
import type { Handler, Reply, Request } from "./request.ts";

export interface ProxyOptions {
  leader(): Leader;
  /** Which of the leader's addresses; left out, its first. */
  portOf?(leader: Address): number;
  /** `host:port` of this server, told to the leader. */
  readonly own: string;
  /** The header in which that stands; a request that has it already is passed on no further. */
  readonly via: string;
  /** What a client is told when nobody can be asked, in the words of the API. */
  refused(status: number, text: string): Answer;
  /** Why nobody leads may be asked for again at once: `status` then. 502 for Marathon, 503 for the others. */
  readonly leaderless: number;
}

const PATIENCE_MS = 2_250;
const PAUSE_MS = 50;

/** Passes requests on to the leader, and what it answers back as it comes. A request for this process itself goes to `own`. */
export function passedOn(options: ProxyOptions, own: Handler, client = new HttpClient()): Handler {
  return async (request, reply) => {
    const leader = await someLeader(options, reply);
    if (leader === "self") return own(request, reply);
    if (leader === undefined) return options.refused(options.leaderless, "Could not determine the current leader");
    if (request.headers[options.via.toLowerCase()] !== undefined)
      return options.refused(502, "Detected proxying loop.");
    return ask(leader, request, reply, options, client);
  };
}

/** A moment's patience, as long as an election takes. */
async function someLeader({ leader }: ProxyOptions, reply: Reply): Promise<Leader> {
  for (let ms = 0; ms < PATIENCE_MS && leader() === undefined && !reply.gone; ms += PAUSE_MS) await wait(PAUSE_MS);
  return leader();
}

async function ask(
  leader: Address,
  request: Request,
  reply: Reply,
  options: ProxyOptions,
  client: HttpClient,
): Promise<Answer> {
  const port = options.portOf?.(leader) ?? leader.port;
  const outgoing = {
    url: `http://${hostAndPort(leader.hostname, port)}${targetOf(request)}`,
    method: request.method,
    headers: headersTo(request, options),
    body: request.body.length === 0 ? undefined : request.body,
  };
  try {
    const incoming = await client.open(outgoing, (sent) => reply.onGone(() => sent.destroy()));
    return { status: incoming.statusCode ?? 502, headers: headersFrom(incoming), pieces: piecesOf(incoming, reply) };
  } catch (error) {
    return options.refused(502, `The leader does not answer: ${(error as Error).message}`);
  }
}

/** What was decoded for us is encoded again for the leader. */
export function targetOf({ path, query }: Pick<Request, "path" | "query">): string {
  const text = query.toString();
  return path.split("/").map(encodeURIComponent).join("/") + (text === "" ? "" : `?${text}`);
}

/** Of one connection only; and what was true of a body before it was inflated. Source: RFC 9110, 7.6.1. */
const OWN_OF_A_HOP: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
  ...["host", "content-length", "content-encoding", "accept-encoding", "expect"],
]);

function headersTo({ headers, peer }: Request, { via, own }: ProxyOptions): Record<string, string> {
  const passed = Object.entries(headers).filter(([name, value]) => value !== undefined && !OWN_OF_A_HOP.has(name));
  const before = headers["x-forwarded-for"];
  return {
    ...Object.fromEntries(passed.map(([name, value]) => [name, String(value)])),
    "X-Forwarded-For": before === undefined ? peer : `${before}, ${peer}`,
    [via]: own,
  };
}

// As they were written: ours are written alike, and replace those that this server adds.
function headersFrom({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (!OWN_OF_A_HOP.has(name.toLowerCase()) && name.toLowerCase() !== "date") headers[name] = rawHeaders[at + 1]!;
  }
  return headers;
}

async function* piecesOf(incoming: IncomingMessage, reply: Reply): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming as AsyncIterable<Uint8Array>;
  } catch (error) {
    // Where the client is gone nobody is to be told that the leader's answer was cut off for that.
    if (!reply.gone) throw error;
  }
}
