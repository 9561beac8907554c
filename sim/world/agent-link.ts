import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type * as link from "@meseta/api/mesos/generated/link.ts";
import type { MasterInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { SILENT_MS } from "@meseta/lib/io/leader-watch.ts";
import type { Leaders } from "@meseta/lib/io/leaders.ts";
import type { Doors } from "./door.ts";
import { leaderChanged, placeOf } from "./leader-watch.ts";
import { MASTER_PORT } from "./masters.ts";
import type { End } from "./network.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

const LINK_VERSION = 1;
const PATH = "/api/v1/agent-link";

const MOST_REDIRECTS = 5;
/** As long as production's client of HTTP waits for the head of an answer. */
const ANSWER_MS = 30_000;

interface Parts {
  readonly leaders: Leaders;
  readonly id: number;
  readonly place: string;
  readonly bootId: string;
  readonly agentId: string | undefined;
}

interface Listener {
  event(event: link.Event): void;
  closed(reason: string): void;
}

/** One subscription of an agent to a master: the stream of events, and the connection of the calls. */
export class AgentLink {
  readonly #parts: Parts;
  readonly #world: World;
  readonly #doors: Doors;
  readonly #listener: Listener;
  readonly #ended = new AbortController();
  /** While a master says nothing. */
  #asking = new AbortController();
  #stream: End | undefined;
  #calls: End | undefined;
  /** Masters of the list that have not been asked yet. */
  #untried: number;
  #redirects = MOST_REDIRECTS;
  #answered = false;
  #epoch: number | undefined;
  #agentId: string | undefined;
  #told: link.Message[] = [];
  #open = true;
  #next = 1;

  constructor(parts: Parts, world: World, doors: Doors, listener: Listener) {
    this.#parts = parts;
    this.#agentId = parts.agentId;
    this.#world = world;
    this.#doors = doors;
    this.#listener = listener;
    this.#untried = parts.leaders.count;
  }

  subscribe(subscribe: link.CallSubscribe): void {
    this.#connect(this.#body({ type: "SUBSCRIBE", subscribe }));
  }

  /** Messages of one turn travel together, as in production. */
  tell(message: link.Message): void {
    this.#told.push(message);
    if (this.#told.length > 1) return;
    this.#world.after(0, () => this.call("MESSAGES", this.#told.splice(0)));
  }

  call(type: "MESSAGES" | "UNSUBSCRIBE", messages: link.Message[]): void {
    if (!this.#open) return;
    this.#calls?.send({ kind: "call", request: this.#next++, path: PATH, body: this.#body({ type, messages }) });
  }

  close(): void {
    this.#open = false;
    this.#ended.abort("over");
    this.#hangUp();
  }

  #connect(body: string): void {
    const { leaders, place } = this.#parts;
    const master = placeOf(leaders.url);
    const [stream, calls] = [this.#doors.connect(place, master), this.#doors.connect(place, master)];
    [this.#stream, this.#calls] = [stream, calls];
    stream.onMessage = (wire) => stream === this.#stream && this.#heard(wire, body);
    stream.onClose = () => stream === this.#stream && this.#broke("the master went away", body);
    calls.onMessage = (wire) => calls === this.#calls && this.#heardAnswer(wire);
    calls.onClose = () => calls === this.#calls && this.#broke("the connection for calls broke", body);
    stream.send({ kind: "subscribe", path: PATH, body });
    this.#giveUpLate(stream, body);
    if (leaders.count > 1) this.#world.after(SILENT_MS, () => void this.#askOthers(stream, master, body));
  }

  // Who stands still takes connections, and those who stand by know who leads.
  async #askOthers(stream: End, master: string, body: string): Promise<void> {
    const isSilent = (): boolean => this.#open && stream === this.#stream && !this.#answered;
    if (!isSilent()) return;
    const { leaders, place } = this.#parts;
    const asking = { world: this.#world, doors: this.#doors, from: place };
    this.#asking.abort("over");
    this.#asking = new AbortController();
    const silent = { hostname: master, port: MASTER_PORT };
    const next = await leaderChanged(asking, leaders, silent, this.#asking.signal);
    if (!isSilent()) return;
    leaders.follow(`//${hostAndPort(next.hostname, next.port)}`);
    this.#hangUp();
    this.#connect(body);
  }

  // Masters that cannot be heard are found out as a client of HTTP does.
  #giveUpLate(stream: End, body: string): void {
    this.#world.after(ANSWER_MS, () => {
      if (stream === this.#stream && !this.#answered) this.#broke(`no answer within ${ANSWER_MS} ms`, body);
    });
  }

  #hangUp(): void {
    this.#asking.abort("over");
    const [stream, calls] = [this.#stream, this.#calls];
    [this.#stream, this.#calls] = [undefined, undefined];
    stream?.close();
    calls?.close();
  }

  /** Until there is a link each master of the list is asked, and whom they name; later the link is lost. */
  #broke(reason: string, body: string): void {
    if (!this.#open) return;
    if (this.#answered) return this.#lost(reason);
    this.#parts.leaders.next();
    if (--this.#untried <= 0) return this.#lost(reason);
    this.#hangUp();
    this.#connect(body);
  }

  #refused({ status, text, location }: Wire & { kind: "refused" }, body: string): void {
    if (status !== 307 || location === undefined || this.#redirects-- <= 0)
      return this.#broke(`${status} ${text}`, body);
    this.#parts.leaders.follow(location);
    this.#hangUp();
    this.#connect(body);
  }

  // A leader that stands still breaks no connection; those who stand by know who leads instead.
  async #watch({ hostname = "", port }: MasterInfo): Promise<void> {
    const { leaders, place } = this.#parts;
    if (leaders.count === 1) return;
    const asking = { world: this.#world, doors: this.#doors, from: place };
    const next = await leaderChanged(asking, leaders, { hostname, port }, this.#ended.signal);
    if (!this.#open) return;
    leaders.follow(`//${hostAndPort(next.hostname, next.port)}`);
    this.#lost("another master leads now");
  }

  #heard(wire: Wire, body: string): void {
    if (!this.#open) return;
    if (wire.kind === "refused") return this.#answered ? this.#lost(wire.text) : this.#refused(wire, body);
    this.#answered = true;
    this.#asking.abort("over");
    if (wire.kind !== "event") return;
    const event = fromJsonText("meseta.link.Event", wire.body);
    if (event.subscribed !== undefined) {
      this.#epoch = event.subscribed.epoch;
      this.#agentId = event.subscribed.agent_id.value;
      void this.#watch(event.subscribed.master_info);
    }
    this.#listener.event(event);
  }

  #heardAnswer(wire: Wire): void {
    if (wire.kind === "answer" && wire.status >= 300) this.#lost(`${wire.status} ${wire.text}`);
  }

  #lost(reason: string): void {
    if (!this.#open) return;
    this.close();
    this.#listener.closed(reason);
  }

  #body(call: Partial<link.Call>): string {
    const { id, bootId } = this.#parts;
    return toJson("meseta.link.Call", {
      link_version: LINK_VERSION,
      boot_id: bootId,
      subscription: id,
      epoch: this.#epoch,
      agent_id: this.#agentId === undefined ? undefined : { value: this.#agentId },
      ...call,
    });
  }
}
