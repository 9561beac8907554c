import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type * as link from "@meseta/api/mesos/generated/link.ts";
import { type Agent, createAgent } from "@meseta/kernel/core/agent/agent.ts";
import type { AgentEvent } from "@meseta/kernel/core/agent/event.ts";
import { type AgentEffect, AgentOut } from "@meseta/kernel/core/agent/out.ts";
import type { Containers } from "@meseta/kernel/core/agent/ports.ts";
import type { AgentConfig } from "@meseta/kernel/core/agent/state.ts";
import type { Hands } from "@meseta/lib/core/daemon.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Machine } from "./containers.ts";
import { Disk } from "./disk.ts";
import { type Doors, pack, unpack } from "./door.ts";
import { type Kind, Life } from "./life.ts";
import type { End } from "./network.ts";
import type { World } from "./world.ts";

type AgentLife = Life<AgentEvent, AgentEffect, AgentOut, Agent>;
const LINK_VERSION = 1;
const PATH = "/api/v1/agent-link";

/** An agent of the simulated cluster: the production core and daemon on a simulated machine that outlives it. */
export class SimAgent {
  readonly place: string;
  readonly disk: Disk;
  readonly machine: Machine;
  onCrash: (reason: Error) => void = () => {};
  readonly #world: World;
  readonly #doors: Doors;
  readonly #config: AgentConfig;
  #life: AgentLife | undefined;
  #boot = 1;

  constructor(place: string, world: World, doors: Doors, config: AgentConfig) {
    this.place = place;
    this.#world = world;
    this.#doors = doors;
    this.#config = config;
    this.disk = new Disk(world);
    this.machine = new Machine(world);
  }

  get alive(): boolean {
    return this.#life?.alive ?? false;
  }

  get core(): Agent | undefined {
    return this.alive ? this.#life!.daemon?.core : undefined;
  }

  start(): void {
    this.#life = new Life(this.#world, this.disk, this.#kind(), (reason) => this.onCrash(reason));
  }

  /** kill -9 of the agent's process; its tasks run on. */
  kill(): void {
    this.#life?.kill();
    this.machine.detach();
    this.#doors.leave(this.place);
  }

  /** The machine loses power: tasks and agent die, and the next boot has another id. */
  powerOff(): void {
    this.kill();
    this.machine.reboot();
    this.#boot++;
  }

  #kind(): Kind<AgentEvent, AgentEffect, AgentOut, Agent> {
    let containers: Containers;
    return {
      newOutbox: () => new AgentOut(),
      load: async (store) =>
        createAgent(this.#config, {
          random: createRandom(this.#world.random.below(0x7fffffff)),
          records: await store.scan(""),
          bootId: `${this.place}-boot-${this.#boot}`,
          nowMs: this.#world.nowMs,
        }),
      hands: (life) => {
        containers = this.machine.attach((event) => life.post({ type: "container", event }));
        return new AgentHands(life, this.#world, this.#doors, this.place, containers);
      },
      started: (life) => void containers.recover().then((known) => life.post({ type: "start", containers: known })),
      dropped: () => this.#doors.leave(this.place),
    };
  }
}

/** One subscription to the master: the stream of events, and the connection of the calls. */
interface Link {
  id: number;
  stream: End;
  calls: End;
  epoch: number | undefined;
  agentId: string | undefined;
  told: link.Message[];
  flushing: boolean;
}

class AgentHands implements Hands<AgentEvent, AgentEffect> {
  readonly #life: AgentLife;
  readonly #world: World;
  readonly #doors: Doors;
  readonly #place: string;
  readonly #containers: Containers;
  readonly #bootId: string;
  readonly #links = new Map<number, Link>();
  #next = 1;

  constructor(life: AgentLife, world: World, doors: Doors, place: string, containers: Containers) {
    this.#life = life;
    this.#world = world;
    this.#doors = doors;
    this.#place = place;
    this.#containers = containers;
    this.#bootId = world.random.uuid();
  }

  refuse(): void {}

  carryOut(effect: AgentEffect): void {
    const containers = this.#containers;
    switch (effect.type) {
      case "connect":
        return this.#connect(effect);
      case "tell":
        return this.#tell(effect.link, effect.message);
      case "unsubscribe":
        return this.#call(effect.link, "UNSUBSCRIBE", []);
      case "disconnect":
        return this.#disconnect(effect.link);
      case "launch":
        return containers.launch(effect.container);
      case "signal":
        return containers.signal(effect.id, effect.signal, effect.to);
      case "destroy":
        return containers.destroy(effect.id);
      case "limit":
        return containers.update(effect.id, effect.limits);
      case "forget":
        return containers.forget(effect.id);
      case "fetch":
        return this.#later({ type: "fetched", id: effect.id, error: undefined });
      case "probe":
        return this.#later({ type: "probed", probe: effect.probe, result: { kind: "reached" } });
      case "remove":
        return this.#later({ type: "removed", id: effect.id, error: undefined });
      case "move-volume":
        return this.#later({ type: "volume-moved", trash: effect.trash });
      case "measure-disk":
        return this.#later({ type: "disk-usage", used: 0.5 });
      case "wake":
        return this.#world.after(effect.atMs - this.#world.nowMs, () =>
          this.#life.post({ type: "wake", wake: effect.wake }),
        );
      default:
        return; // Executors of others, logs and files have no place in this world yet.
    }
  }

  #later(event: AgentEvent): void {
    this.#world.after(this.#world.between(0, 10), () => this.#life.post(event));
  }

  #connect({ link: id, agentId, subscribe }: AgentEffect & { type: "connect" }): void {
    const made: Link = {
      id,
      stream: this.#doors.connect(this.#place, "master"),
      calls: this.#doors.connect(this.#place, "master"),
      epoch: undefined,
      agentId,
      told: [],
      flushing: false,
    };
    this.#links.set(id, made);
    made.stream.onMessage = (text) => this.#heard(id, made, text);
    made.stream.onClose = () => this.#closed(id, "the master went away");
    made.calls.onMessage = (text) => this.#answered(id, text);
    made.calls.onClose = () => this.#closed(id, "the connection for calls broke");
    made.stream.send(pack({ kind: "subscribe", path: PATH, body: this.#body(made, { type: "SUBSCRIBE", subscribe }) }));
  }

  #heard(id: number, made: Link, text: string): void {
    const wire = unpack(text);
    if (wire.kind === "refused") return this.#closed(id, `${wire.status} ${wire.text}`);
    if (wire.kind !== "event" || this.#links.get(id) !== made) return;
    const event = fromJsonText("meseta.link.Event", wire.body);
    if (event.subscribed !== undefined) {
      made.epoch = event.subscribed.epoch;
      made.agentId = event.subscribed.agent_id.value;
    }
    this.#life.post({ type: "link-event", link: id, event });
  }

  // Messages of one turn travel together, as in production.
  #tell(id: number, message: link.Message): void {
    const made = this.#links.get(id);
    if (made === undefined) return;
    made.told.push(message);
    if (made.flushing) return;
    made.flushing = true;
    this.#world.after(0, () => {
      made.flushing = false;
      this.#call(id, "MESSAGES", made.told.splice(0));
    });
  }

  #call(id: number, type: "MESSAGES" | "UNSUBSCRIBE", messages: link.Message[]): void {
    const made = this.#links.get(id);
    made?.calls.send(
      pack({ kind: "call", request: this.#next++, path: PATH, body: this.#body(made, { type, messages }) }),
    );
  }

  #body(made: Link, call: Partial<link.Call>): string {
    return toJson("meseta.link.Call", {
      link_version: LINK_VERSION,
      boot_id: this.#bootId,
      subscription: made.id,
      epoch: made.epoch,
      agent_id: made.agentId === undefined ? undefined : { value: made.agentId },
      ...call,
    });
  }

  #answered(id: number, text: string): void {
    const wire = unpack(text);
    if (wire.kind === "answer" && wire.status >= 300) this.#closed(id, `${wire.status} ${wire.text}`);
  }

  #closed(id: number, reason: string): void {
    if (!this.#links.has(id)) return;
    this.#disconnect(id);
    this.#life.post({ type: "link-closed", link: id, reason });
  }

  #disconnect(id: number): void {
    const made = this.#links.get(id);
    this.#links.delete(id);
    made?.stream.close();
    made?.calls.close();
  }
}
