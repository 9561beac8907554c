import type { IncomingMessage } from "node:http";
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call, CallSubscribe, Event, Message } from "@meseta/api/mesos/generated/link.ts";
import type { MasterInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { HttpClient, headersOf } from "@meseta/lib/io/http/client.ts";
import { leaderChanged, ledElsewhere } from "@meseta/lib/io/leader-watch.ts";
import { Leaders } from "@meseta/lib/io/leaders.ts";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";
import { LINK_VERSIONS } from "../../core/link-version.ts";

const PATH = "/api/v1/agent-link";
const MEDIA_TYPE = "application/x-protobuf";
/** Messages of one call; more wait for the next. */
const MOST_MESSAGES = AGENT_BOUNDS.linkMessages.most;
const MOST_BYTES = AGENT_BOUNDS.linkBytes.most;
const MOST_REDIRECTS = 5;

export interface LinkClientOptions {
  /** Masters, each "http://host:port"; any of them may lead. */
  readonly masters: readonly string[];
  /** Names this process of the agent. */
  readonly processId: string;
  /** Added to every request; credentials, say. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** What executors' messages that wait may have; left out, the default. */
  readonly mostDroppableBytes?: number | undefined;
  event(link: number, event: Event): void;
  closed(link: number, reason: string): void;
}

/** The agent's side of the link: one stream of events down, and calls up that gather the messages of a moment, one at a time. */
export class LinkClient {
  readonly #options: LinkClientOptions;
  readonly #leaders: Leaders;
  readonly #client = new HttpClient(2);
  #current: Session | undefined;
  /** How many messages of executors were lost because too many waited. */
  dropped = 0;
  /** Settled when the master has heard the farewell, or could not. */
  farewell: Promise<void> = Promise.resolve();

  constructor(options: LinkClientOptions) {
    this.#options = options;
    this.#leaders = new Leaders(options.masters);
  }

  connect(link: number, agentId: string | undefined, epoch: number, subscribe: CallSubscribe): void {
    this.#current?.drop();
    const session: Session = new Session(link, agentId, epoch, () => this.#flush(session));
    this.#current = session;
    this.#open(session, { ...this.#head(session), type: "SUBSCRIBE", subscribe }).catch((error: Error) =>
      this.#lost(session, error.message),
    );
  }

  tell(link: number, message: Message): void {
    const { mostDroppableBytes = AGENT_BOUNDS.linkDroppableBytes.most } = this.#options;
    if (this.#current?.link === link && !this.#current.add(message, mostDroppableBytes)) this.dropped++;
  }

  /** Says farewell to the master, after all that was told before. */
  unsubscribe(link: number): void {
    if (this.#current?.link === link) this.farewell = this.#unsubscribe(this.#current);
  }

  disconnect(link: number): void {
    if (this.#current?.link !== link) return;
    this.#current.drop();
    this.#current = undefined;
  }

  close(): void {
    this.#current?.drop();
    this.#current = undefined;
    this.#client.close();
  }

  // Each master of the list once, and whom they name; then the core decides when to try again.
  async #open(session: Session, call: Call): Promise<void> {
    let untried = this.#leaders.count;
    let redirects = MOST_REDIRECTS;
    let problem = "";
    while (untried > 0) {
      const answer = await this.#subscribe(session, call);
      if (session.over) return;
      if (answer === undefined) continue;
      if (typeof answer !== "string" && answer.statusCode === 200) return this.#read(session, answer);
      if (typeof answer !== "string") {
        const location = headersOf(answer)["location"];
        const refusal = await refusalOf(answer);
        if (answer.statusCode === 307 && location !== undefined && redirects-- > 0) {
          this.#leaders.follow(location);
          continue;
        }
        problem = `the master answered ${refusal}`;
      } else problem = answer;
      this.#leaders.next();
      untried--;
    }
    throw new Error(problem);
  }

  /** Its answer, or what was wrong; undefined when it said nothing, and somebody else leads who is to be asked. */
  async #subscribe(session: Session, call: Call): Promise<IncomingMessage | string | undefined> {
    const { urls, url } = this.#leaders;
    const isSilent = new AbortController();
    const signal = AbortSignal.any([session.signal, isSilent.signal]);
    let stop = (): void => {};
    let next: Address | undefined;
    void ledElsewhere(urls, url, signal, this.#options.headers?.()).then((leader) => {
      next = leader;
      stop();
    });
    const answer = await this.#client
      .open(this.#outgoing(encodeProtobuf("meseta.link.Call", call)), (request) => {
        stop = () => request.destroy();
        session.hold(stop);
      })
      .catch((error: Error) => error.message);
    isSilent.abort();
    if (next === undefined || typeof answer !== "string") return answer;
    this.#leaders.follow(`//${hostAndPort(next.hostname, next.port)}`);
    return undefined;
  }

  #read(session: Session, incoming: IncomingMessage): void {
    const decoder = new RecordDecoder();
    incoming.on("data", (chunk: Uint8Array) => {
      try {
        for (const record of decoder.push(chunk)) this.#deliver(session, decodeProtobuf("meseta.link.Event", record));
      } catch (error) {
        this.#lost(session, `the master wrote nonsense: ${(error as Error).message}`);
      }
    });
    incoming.once("end", () => this.#lost(session, "the master ended the link"));
    incoming.on("error", (error) => this.#lost(session, `the link broke: ${error.message}`));
  }

  #deliver(session: Session, event: Event): void {
    if (session.over) return;
    if (event.type === "SUBSCRIBED") {
      session.agentId = event.subscribed!.agent_id.value;
      session.epoch = event.subscribed!.epoch;
      session.version = event.subscribed!.link_version ?? LINK_VERSIONS.newest;
      void this.#watch(session, event.subscribed!.master_info);
    }
    this.#options.event(session.link, event);
  }

  // A leader that stands still breaks no connection; those who stand by know who leads instead.
  async #watch(session: Session, { hostname, ip, port }: MasterInfo): Promise<void> {
    if (this.#leaders.count === 1) return;
    const leader = { hostname: hostname ?? String(ip), port };
    const { urls, url } = this.#leaders;
    const next = await leaderChanged(urls, url, leader, session.signal, this.#options.headers?.());
    if (session.over) return;
    this.#leaders.follow(`//${hostAndPort(next.hostname, next.port)}`);
    this.#lost(session, "another master leads now");
  }

  async #flush(session: Session): Promise<void> {
    for (let messages = session.take(MOST_MESSAGES); messages.length > 0; messages = session.take(MOST_MESSAGES)) {
      if (session.over) return;
      const problem = await this.#tell(session, messages).catch((error: Error) => error.message);
      if (problem !== undefined) return this.#lost(session, problem);
    }
  }

  // What the master would refuse for its size would be told again at every new link, and refused again.
  async #tell(session: Session, messages: Message[]): Promise<string | undefined> {
    const body = encodeProtobuf("meseta.link.Call", { ...this.#head(session), type: "MESSAGES", messages });
    if (body.length <= MOST_BYTES || messages.length === 1) return this.#send(body);
    const half = Math.ceil(messages.length / 2);
    const problem = await this.#tell(session, messages.slice(0, half));
    return problem ?? (session.over ? undefined : this.#tell(session, messages.slice(half)));
  }

  async #unsubscribe(session: Session): Promise<void> {
    await session.sending;
    await this.#post({ ...this.#head(session), type: "UNSUBSCRIBE" }).catch(() => {});
  }

  #post(call: Call): Promise<string | undefined> {
    return this.#send(encodeProtobuf("meseta.link.Call", call));
  }

  async #send(encoded: Uint8Array): Promise<string | undefined> {
    const { status, body } = await this.#client.exchange(this.#outgoing(encoded));
    return status === 202 ? undefined : `the master answered ${status} ${Buffer.from(body).toString()}`;
  }

  #outgoing(body: Uint8Array) {
    const headers = { "Content-Type": MEDIA_TYPE, Accept: MEDIA_TYPE, ...this.#options.headers?.() };
    return { url: this.#leaders.url + PATH, method: "POST", headers, body };
  }

  #head({ link, version, agentId, epoch }: Session): Call {
    const call: Call = {
      link_version: version,
      oldest_link_version: LINK_VERSIONS.oldest,
      boot_id: this.#options.processId,
      subscription: link,
    };
    if (agentId !== undefined) call.agent_id = { value: agentId };
    if (epoch > 0) call.epoch = epoch;
    return call;
  }

  #lost(session: Session, reason: string): void {
    if (session.over) return;
    session.drop();
    if (this.#current === session) this.#current = undefined;
    this.#options.closed(session.link, reason);
  }
}

/** One link, from its call to its end. */
class Session {
  readonly link: number;
  agentId: string | undefined;
  epoch: number;
  /** Of the link's messages: the newest at first, and then as agreed upon. */
  version = LINK_VERSIONS.newest;
  over = false;
  /** Settled when no call is under way. */
  sending: Promise<void> = Promise.resolve();
  readonly #flush: () => void;
  #waiting: Message[] = [];
  #droppableBytes = 0;
  #flushing = false;
  #stop = () => {};
  readonly #ended = new AbortController();

  constructor(link: number, agentId: string | undefined, epoch: number, flush: () => Promise<void> | void) {
    this.link = link;
    this.agentId = agentId;
    this.epoch = epoch;
    this.#flush = () => {
      this.sending = Promise.resolve(flush()).finally(() => {
        this.#flushing = false;
        if (this.#waiting.length > 0 && !this.over) this.#schedule();
      });
    };
  }

  /** Aborted when the link is over. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** False: the message may be lost, and is, because more than so much of that kind would wait. */
  add(message: Message, mostBytes: number): boolean {
    if (this.over) return true;
    const bytes = message.framework_message?.data.length ?? 0;
    if (bytes > 0 && this.#droppableBytes > 0 && this.#droppableBytes + bytes > mostBytes) return false;
    this.#droppableBytes += bytes;
    this.#waiting.push(message);
    this.#schedule();
    return true;
  }

  take(most: number): Message[] {
    const taken = this.#waiting.splice(0, most);
    for (const { framework_message } of taken) this.#droppableBytes -= framework_message?.data.length ?? 0;
    return taken;
  }

  hold(stop: () => void): void {
    this.#stop = stop;
    if (this.over) stop();
  }

  drop(): void {
    this.over = true;
    this.#ended.abort();
    this.#waiting = [];
    this.#stop();
  }

  // What this turn still adds travels in the same call.
  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(this.#flush);
  }
}

async function refusalOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) if (chunks.push(chunk) > 16) break;
  } catch {}
  return `${incoming.statusCode} ${Buffer.concat(chunks).toString()}`.trim();
}
