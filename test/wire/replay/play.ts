import { compare } from "./compare.ts";
import type { DifferencesPage, Found } from "./differences.ts";
import { Offers } from "./offers.ts";
import type { Entry, RecordedCall, RecordedEvent, RecordedOpen, RecordedRequest } from "./recordings.ts";
import { compareAnswer, compareHeaders, EventStream, open, send, type WireEvent } from "./request.ts";
import type { Symbols } from "./symbols.ts";

/** Where a recording is played, and what it may need done beside the calls. */
export interface Stage {
  readonly urls: Readonly<Record<"master" | "agent", string>>;
  readonly symbols: Symbols;
  /** Told each note of the recording, such as that the agent was killed. */
  note?(text: string): Promise<void>;
  /** How long a reading may take to show what was done before it; 5 s. */
  readonly readTimeoutMs?: number;
  /** What this cluster must say where Mesos said something that it must not; the differences page says why. */
  amend?(entry: Entry): Entry;
}

const EVENT_TIMEOUT_MS = 30_000;
const READ_TIMEOUT_MS = 5_000;

/** What was played, and what was not as recorded; `unlisted` is what the page does not name. */
export interface Played {
  readonly calls: number;
  readonly events: number;
  readonly found: readonly Found[];
  readonly unlisted: readonly Found[];
}

/**
 * Plays a recorded session: makes its calls in their order, each once the events before it came, and compares what comes
 * back. Events of one task keep their order; those of different tasks may come in another one.
 */
export async function play(entries: readonly Entry[], stage: Stage, page: DifferencesPage): Promise<Played> {
  const session = new Session(stage, page);
  for (const entry of entries) await session.play(stage.amend?.(entry) ?? entry);
  const found = session.end();
  const events = entries.filter((entry) => "event" in entry).length;
  const calls = entries.filter((entry) => "request" in entry).length;
  return { calls, events, found, unlisted: page.unlisted(found) };
}

class Session {
  readonly #stage: Stage;
  readonly #streams = new Map<string, { events: EventStream; offers: Offers; name: string }>();
  readonly #found: Found[] = [];
  readonly #page: DifferencesPage;
  /** Updates that were taken; they come again when their acknowledgement was lost. */
  readonly #seen = new Set<unknown>();
  /** The last acknowledgement, after which others are made. */
  #acknowledgement: RecordedRequest | undefined;

  constructor(stage: Stage, page: DifferencesPage) {
    this.#stage = stage;
    this.#page = page;
  }

  async play(entry: Entry): Promise<void> {
    if ("note" in entry) await this.#stage.note?.(entry.note);
    else if ("open" in entry) await this.#open(entry);
    else if ("closed" in entry) await this.#closed(entry.closed);
    else if ("event" in entry) await this.#event(entry);
    else await this.#call(entry);
  }

  /** Ends the streams; what came on them and was not recorded is a difference too. */
  end(): Found[] {
    for (const { events, name } of this.#streams.values()) {
      for (const event of events.pending)
        if (!EXPECTED_AT_ANY_TIME.has(event.type) && !this.#seen.has(uuidOf(event)))
          this.#found.push({ where: `${name}/${titleOf(event)}`, field: "event", mesos: undefined, meseta: event });
      events.close();
    }
    return this.#found;
  }

  async #open({ open: id, name, request, response }: RecordedOpen): Promise<void> {
    const { symbols, urls } = this.#stage;
    const incoming = await open(urls[request.daemon], request, symbols);
    const differences = [
      ...compare(response.status, incoming.statusCode, symbols, "status"),
      ...compareHeaders(response.headers, incoming.headers, symbols),
    ];
    this.#add(name, differences);
    const events = new EventStream(incoming);
    this.#streams.set(id, { events, offers: new Offers(), name: name.split("/")[0]! });
  }

  async #call({ name, request, response }: RecordedCall): Promise<void> {
    const { symbols, urls } = this.#stage;
    if (request.body?.includes('"type":"ACKNOWLEDGE"')) this.#acknowledgement = request;
    if (request.body?.includes("{offer:")) await this.#settle(name);
    const deadline = Date.now() + (isReading(request) ? (this.#stage.readTimeoutMs ?? READ_TIMEOUT_MS) : 0);
    for (;;) {
      const attempt = symbols.fork();
      const answer = await send(urls[request.daemon], request, attempt);
      const found = compareAnswer(response, answer, attempt).map((difference) => ({ where: name, ...difference }));
      if (Date.now() >= deadline || this.#page.unlisted(found).length === 0) {
        symbols.adopt(attempt);
        this.#found.push(...found);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #settle(where: string): Promise<void> {
    for (const { offers, events } of this.#streams.values())
      this.#add(where, await offers.settle(events, this.#stage.symbols));
  }

  async #event({ stream = "A", event }: RecordedEvent): Promise<void> {
    const { events, offers, name } = this.#streams.get(stream)!;
    const where = `${name}/${titleOf(event)}`;
    if (event.type === "OFFERS") return this.#add(where, await offers.take(event, events, this.#stage.symbols));
    for (const wanted of severalRescinds(event, this.#stage.symbols)) await this.#oneEvent(where, wanted, events);
  }

  async #oneEvent(where: string, wanted: WireEvent, events: EventStream): Promise<void> {
    const { symbols } = this.#stage;
    const title = symbols.fill(titleOf(wanted));
    const came = await events.until((pending) => {
      this.#dropRepeated(pending);
      const at = pending.findIndex((other) => titleOf(other) === title);
      return at < 0 ? undefined : pending.splice(at, 1)[0];
    }, EVENT_TIMEOUT_MS);
    if (came === undefined) return this.#add(where, [{ field: "event", mesos: wanted, meseta: undefined }]);
    this.#add(where, compare(wanted, came, symbols));
    const uuid = uuidOf(came);
    if (uuid !== undefined) this.#seen.add(uuid);
  }

  /** An update whose acknowledgement was lost comes again, and is acknowledged again. */
  #dropRepeated(pending: WireEvent[]): void {
    for (let i = 0; i < pending.length; i++) {
      if (!this.#seen.has(uuidOf(pending[i]!))) continue;
      const [repeated] = pending.splice(i--, 1);
      if (repeated!.type === "UPDATE") this.#acknowledge(repeated!);
    }
  }

  #acknowledge(update: WireEvent): void {
    if (this.#acknowledgement === undefined) return;
    const { status } = update["update"] as { status: Record<string, unknown> };
    const { symbols, urls } = this.#stage;
    const call = JSON.parse(symbols.fill(this.#acknowledgement.body!)) as Record<string, unknown>;
    const acknowledge = { agent_id: status["agent_id"], task_id: status["task_id"], uuid: status["uuid"] };
    void send(urls.master, { ...this.#acknowledgement, body: JSON.stringify({ ...call, acknowledge }) }, symbols);
  }

  async #closed(id: string): Promise<void> {
    const { events, name } = this.#streams.get(id)!;
    const ended = await events.until(() => events.ended || undefined, EVENT_TIMEOUT_MS);
    if (!ended) this.#add(`${name}/stream-${id}`, [{ field: "end", mesos: "ended", meseta: "open" }]);
  }

  #add(where: string, differences: readonly Omit<Found, "where">[]): void {
    this.#found.push(...differences.map((difference) => ({ where, ...difference })));
  }
}

/** Offers come and go at their own time; heartbeats have their beat. */
const EXPECTED_AT_ANY_TIME = new Set(["OFFERS", "RESCIND", "HEARTBEAT"]);

/** What the event is about, as far as its order matters: `UPDATE task-1`. */
function titleOf(event: WireEvent): string {
  const body = (event[event.type.toLowerCase()] ?? {}) as Record<string, never>;
  const status = (body["status"] ?? {}) as Record<string, never>;
  const task = body["task"] as Record<string, never> | undefined;
  const ids = [
    (status["task_id"] ?? body["task_id"] ?? task?.["task_id"]) as { value: string } | undefined,
    (status["operation_id"] ?? body["executor_id"] ?? body["offer_id"]) as { value: string } | undefined,
  ];
  const id = ids.find((each) => each !== undefined);
  return id === undefined ? event.type : `${event.type} ${id.value}`;
}

function uuidOf(event: WireEvent): unknown {
  const body = event["update"] ?? event["task_updated"];
  return (body as { status?: { uuid?: string } } | undefined)?.status?.uuid;
}

function isReading({ method, body }: RecordedRequest): boolean {
  return method === "GET" || /^\{"type":"(GET|LIST|READ)_/.test(body ?? "");
}

function severalRescinds(event: WireEvent, symbols: Symbols): WireEvent[] {
  if (event.type !== "RESCIND") return [event];
  const { value } = (event["rescind"] as { offer_id: { value: string } }).offer_id;
  const ids = symbols.valuesOf(value.slice(1, -1));
  return ids.length === 0
    ? [event]
    : ids.map((id) => ({ type: event.type, rescind: { offer_id: { value: id } } }) as WireEvent);
}
