import type * as executor from "@meseta/api/mesos/generated/executor.ts";
import type { AgentEvent } from "@meseta/kernel/core/agent/event.ts";
import type { AgentEffect } from "@meseta/kernel/core/agent/out.ts";
import type { ContainerEvent } from "@meseta/kernel/core/agent/ports.ts";
import { KnownContainers } from "@meseta/kernel/io/agent/known.ts";
import type { Hands } from "@meseta/lib/core/daemon.ts";
import { Leaders } from "@meseta/lib/io/leaders.ts";
import type { AgentLife, SimAgent } from "./agent.ts";
import { AgentLink } from "./agent-link.ts";
import type { Doors } from "./door.ts";
import { Lane } from "./lane.ts";
import { masterUrls } from "./masters.ts";
import type { World } from "./world.ts";

/** What an executor of somebody's own hears on its stream. */
export interface ExecutorEars {
  heard(event: executor.Event): void;
  closed(): void;
}

/** The hands of one life of an agent: its links to masters, its containers and volumes, and the executors that call. */
export class AgentHands implements Hands<AgentEvent, AgentEffect> {
  readonly containers: KnownContainers;
  readonly #machine: ReturnType<SimAgent["machine"]["attach"]>;
  readonly #life: AgentLife;
  readonly #agent: SimAgent;
  readonly #world: World;
  readonly #doors: Doors;
  readonly #leave: (reason: string) => void;
  readonly #bootId: string;
  readonly #links = new Map<number, AgentLink>();
  readonly #streams = new Map<number, { readonly ears: ExecutorEars; readonly lane: Lane }>();
  readonly #leaders: Leaders;
  #nextStream = 1;

  constructor(life: AgentLife, agent: SimAgent, world: World, doors: Doors, leave: (reason: string) => void) {
    this.#life = life;
    this.#agent = agent;
    this.#world = world;
    this.#doors = doors;
    this.#leave = leave;
    this.#leaders = new Leaders(masterUrls(doors.masters));
    this.#bootId = world.random.uuid();
    this.#machine = agent.machine.attach((event) => life.run(() => this.#heard(event)));
    this.containers = new KnownContainers(this.#machine);
  }

  #heard(event: ContainerEvent): void {
    // What a launcher tells before there is anybody who remembers it is told again by the driver.
    this.containers?.heard(event);
    this.#life.post({ type: "container", event });
  }

  refuse(event: AgentEvent): void {
    if (event.type === "executor-subscribe") this.#closeStream(event.stream);
  }

  /** All connections break: the process died, or drops what it knew. */
  closeAll(): void {
    this.#doors.leave(this.#agent.place);
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    for (const stream of [...this.#streams.keys()]) this.#closeStream(stream);
  }

  /** An executor opens its stream; it hears nothing more when the agent is gone. */
  subscribeExecutor(call: executor.Call, ears: ExecutorEars): void {
    const stream = this.#nextStream++;
    this.#streams.set(stream, { ears, lane: new Lane(this.#world) });
    this.#life.post({ type: "executor-subscribe", stream, call });
  }

  callFromExecutor(call: executor.Call): void {
    this.#life.post({ type: "executor-call", request: 0, call });
  }

  /** The executor's process is gone. */
  executorLeft(ears: ExecutorEars): void {
    for (const [stream, other] of this.#streams)
      if (other.ears === ears) {
        this.#streams.delete(stream);
        this.#life.post({ type: "stream-closed", stream });
      }
  }

  carryOut(effect: AgentEffect): void {
    switch (effect.type) {
      case "connect":
      case "tell":
      case "unsubscribe":
      case "disconnect":
        return this.#talk(effect);
      case "launch":
      case "signal":
      case "destroy":
      case "limit":
      case "forget":
        return this.#order(effect);
      case "send-executor":
      case "refuse-stream":
      case "close":
        return this.#tellExecutor(effect);
      case "make-volume":
        return this.#agent.machine.volumes.make(effect.path);
      case "move-volume":
        this.#agent.machine.volumes.move(effect.path, effect.trash);
        return this.#later({ type: "volume-moved", trash: effect.trash });
      case "empty-trash":
        this.#agent.machine.volumes.emptyTrash(effect.trash);
        return this.#later({ type: "trash-emptied", trash: effect.trash });
      case "fetch":
        return this.#later({ type: "fetched", id: effect.id, error: undefined });
      case "probe":
        return this.#later({ type: "probed", probe: effect.probe, result: { kind: "reached" } });
      case "remove":
        return this.#later({ type: "removed", id: effect.id, error: undefined });
      case "prune-images":
        return this.#later({ type: "images-pruned", request: effect.request, error: undefined });
      case "measure-disk":
        return this.#later({ type: "disk-usage", used: 0.5 });
      case "wake":
        return this.#life.wake(effect.atMs, { type: "wake", wake: effect.wake });
      case "exit":
        return this.#leave(effect.reason);
      case "open":
      case "answer":
      case "log":
      // It ends by itself at once.
      case "stop-fetch":
        return;
    }
  }

  #talk(effect: Extract<AgentEffect, { type: "connect" | "tell" | "unsubscribe" | "disconnect" }>): void {
    const link = this.#links.get(effect.link);
    switch (effect.type) {
      case "connect":
        return this.#connect(effect);
      case "tell": {
        const { update } = effect.message;
        if (update !== undefined)
          this.#agent.onTell(update.framework_id.value, update.status.task_id.value, update.status.uuid ?? "");
        return link?.tell(effect.message);
      }
      case "unsubscribe":
        return link?.call("UNSUBSCRIBE", []);
      case "disconnect":
        this.#links.delete(effect.link);
        return link?.close();
    }
  }

  #connect({ link: id, agentId, subscribe }: AgentEffect & { type: "connect" }): void {
    const parts = { leaders: this.#leaders, id, place: this.#agent.place, bootId: this.#bootId, agentId };
    const link = new AgentLink(parts, this.#world, this.#doors, {
      event: (event) => this.#life.post({ type: "link-event", link: id, event }),
      closed: (reason) => {
        if (!this.#links.delete(id)) return;
        this.#life.post({ type: "link-closed", link: id, reason });
      },
    });
    this.#links.set(id, link);
    link.subscribe(subscribe);
  }

  #order(effect: Extract<AgentEffect, { type: "launch" | "signal" | "destroy" | "limit" | "forget" }>): void {
    const { containers } = this;
    switch (effect.type) {
      case "launch":
        if (effect.sandbox !== undefined) this.#machine.prepare(effect.container.id, effect.sandbox);
        return containers.launch(effect.container);
      case "signal":
        return containers.signal(effect.id, effect.signal, effect.to);
      case "destroy":
        return containers.destroy(effect.id);
      case "limit":
        return containers.update(effect.id, effect.limits);
      case "forget":
        return containers.forget(effect.id);
    }
  }

  #tellExecutor(effect: Extract<AgentEffect, { type: "send-executor" | "refuse-stream" | "close" }>): void {
    const to = this.#streams.get(effect.stream);
    if (effect.type !== "send-executor") return this.#closeStream(effect.stream);
    to?.lane.after(0, 3, () => to.ears.heard(effect.event));
  }

  #closeStream(stream: number): void {
    const to = this.#streams.get(stream);
    this.#streams.delete(stream);
    to?.lane.after(3, 6, () => to.ears.closed());
  }

  #later(event: AgentEvent): void {
    this.#world.after(this.#world.between(0, 10), () => this.#life.post(event));
  }
}
