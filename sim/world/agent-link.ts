import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type * as link from "@meseta/api/mesos/generated/link.ts";
import type { Doors } from "./door.ts";
import type { End } from "./network.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

const LINK_VERSION = 1;
const PATH = "/api/v1/agent-link";

interface Parts {
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
  readonly #stream: End;
  readonly #calls: End;
  readonly #listener: Listener;
  #epoch: number | undefined;
  #agentId: string | undefined;
  #told: link.Message[] = [];
  #open = true;
  #next = 1;

  constructor(parts: Parts, world: World, doors: Doors, listener: Listener) {
    this.#parts = parts;
    this.#agentId = parts.agentId;
    this.#world = world;
    this.#listener = listener;
    this.#stream = doors.connect(parts.place, "master");
    this.#calls = doors.connect(parts.place, "master");
    this.#stream.onMessage = (wire) => this.#heard(wire);
    this.#stream.onClose = () => this.#lost("the master went away");
    this.#calls.onMessage = (wire) => this.#answered(wire);
    this.#calls.onClose = () => this.#lost("the connection for calls broke");
  }

  subscribe(subscribe: link.CallSubscribe): void {
    this.#stream.send({ kind: "subscribe", path: PATH, body: this.#body({ type: "SUBSCRIBE", subscribe }) });
  }

  /** Messages of one turn travel together, as in production. */
  tell(message: link.Message): void {
    this.#told.push(message);
    if (this.#told.length > 1) return;
    this.#world.after(0, () => this.call("MESSAGES", this.#told.splice(0)));
  }

  call(type: "MESSAGES" | "UNSUBSCRIBE", messages: link.Message[]): void {
    if (!this.#open) return;
    this.#calls.send({ kind: "call", request: this.#next++, path: PATH, body: this.#body({ type, messages }) });
  }

  close(): void {
    this.#open = false;
    this.#stream.close();
    this.#calls.close();
  }

  #heard(wire: Wire): void {
    if (!this.#open) return;
    if (wire.kind === "refused") return this.#lost(`${wire.status} ${wire.text}`);
    if (wire.kind !== "event") return;
    const event = fromJsonText("meseta.link.Event", wire.body);
    if (event.subscribed !== undefined) {
      this.#epoch = event.subscribed.epoch;
      this.#agentId = event.subscribed.agent_id.value;
    }
    this.#listener.event(event);
  }

  #answered(wire: Wire): void {
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
