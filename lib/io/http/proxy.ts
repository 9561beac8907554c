import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { hostAndPort } from "../../core/address.ts";
import type { Address } from "../../core/ports/election.ts";
import type { Leader } from "../place.ts";
import type { Answer } from "./answer.ts";
import { HttpClient, type Outgoing } from "./client.ts";
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
/** How often somebody whose request waits for the leader's answer looks whether that one still leads. */
const LOOK_MS = 250;

/**
 * Passes requests on to the leader, and what it answers back as it comes. A request for this process itself goes to `own`. Nobody waits for a leader that stands still any longer than until another one
 * leads: what only reads goes there then.
 */
export function passedOn(options: ProxyOptions, own: Handler, client = new HttpClient()): Handler {
  const pass = async (request: Request, reply: Reply): Promise<Answer | undefined> => {
    const leader = await someLeader(options, reply);
    if (leader === "self") return own(request, reply);
    if (leader === undefined) return options.refused(options.leaderless, "Could not determine the current leader");
    if (request.headers[options.via.toLowerCase()] !== undefined)
      return options.refused(502, "Detected proxying loop.");
    return (await ask(leader, request, reply, options, client)) ?? pass(request, reply);
  };
  return pass;
}

/** A moment's patience, as long as an election takes. */
async function someLeader({ leader }: ProxyOptions, reply: Reply): Promise<Leader> {
  for (let ms = 0; ms < PATIENCE_MS && leader() === undefined && !reply.gone; ms += PAUSE_MS) await wait(PAUSE_MS);
  return leader();
}

/** The leader's answer; undefined where it gave none, another one leads now, and that one may be asked the same. */
async function ask(
  leader: Address,
  request: Request,
  reply: Reply,
  options: ProxyOptions,
  client: HttpClient,
): Promise<Answer | undefined> {
  const reign = watchReign(leader, options);
  try {
    const incoming = await client.open(outgoingTo(leader, request, options), (sent) => {
      reply.onGone(() => sent.destroy());
      reign.end = () => sent.destroy();
    });
    incoming.once("close", reign.stop);
    return { status: incoming.statusCode ?? 502, headers: headersFrom(incoming), pieces: piecesOf(incoming, reply) };
  } catch (error) {
    reign.stop();
    if (!reign.isOver) return options.refused(502, `The leader does not answer: ${(error as Error).message}`);
    if (request.method === "GET" || request.method === "HEAD") return undefined;
    return options.refused(
      502,
      "The leader did not answer, and another one leads now: whether it was done is not known",
    );
  }
}

interface Reign {
  readonly isOver: boolean;
  /** Called when somebody else leads. */
  end(): void;
  /** Nobody looks any more. */
  stop(): void;
}

function watchReign(leader: Address, options: ProxyOptions): Reign {
  const reign = { isOver: false, end: () => {}, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    if (!leadsAnother(options.leader(), leader)) return;
    reign.isOver = true;
    reign.stop();
    reign.end();
  }, LOOK_MS).unref();
  return reign;
}

// While nobody leads that one may go on.
function leadsAnother(now: Leader, { hostname, port }: Address): boolean {
  return now === "self" || (now !== undefined && (now.hostname !== hostname || now.port !== port));
}

function outgoingTo(leader: Address, request: Request, options: ProxyOptions): Outgoing {
  const port = options.portOf?.(leader) ?? leader.port;
  return {
    url: `http://${hostAndPort(leader.hostname, port)}${targetOf(request)}`,
    method: request.method,
    headers: headersTo(request, options),
    body: request.body.length === 0 ? undefined : request.body,
  };
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
