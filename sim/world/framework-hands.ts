import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import type { Core, Hands, Outbox } from "@meseta/lib/core/daemon.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { MasterLink } from "@meseta/sdk/scheduler/link.ts";
import type { Doors } from "./door.ts";
import type { FrameworkAnswer, FrameworkKind, Known, News, Tools } from "./framework-kind.ts";
import type { Life } from "./life.ts";
import { SimTransport } from "./transport.ts";
import type { World } from "./world.ts";

/** Who hears of what its process does. */
interface Ears {
  leave(): void;
  notice(notice: object): void;
  /** Something leaves the process. */
  acts(): void;
}

/** The hands of one life of a framework: its connection to the master, and the clients that wait for answers. */
export class FrameworkHands<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out> & Known>
  implements Hands<Event, Effect>, Tools<Event, C>
{
  readonly #kind: FrameworkKind<Event, Effect, Out, C>;
  readonly #life: Life<Event, Effect, Out, C>;
  readonly #link: MasterLink;
  readonly #ears: Ears;
  readonly #requests = new Map<number, (answer: FrameworkAnswer) => void>();
  #next = 1;

  constructor(
    kind: FrameworkKind<Event, Effect, Out, C>,
    life: Life<Event, Effect, Out, C>,
    world: World,
    doors: Doors,
    ears: Ears,
  ) {
    this.#kind = kind;
    this.#life = life;
    this.#ears = ears;
    const { place } = life;
    const post = (news: News): void => life.post(kind.news(news));
    this.#link = new MasterLink({
      connect: (options) => new SchedulerClient(new SimTransport(world, doors, place, "/api/v1/scheduler"), options),
      log: silentLog,
      heard: (event) => post({ type: "heard", event }),
      disconnected: () => post({ type: "disconnected" }),
      failed: (call, refusal) => post({ type: "call-failed", call, ...(refusal !== undefined && { refusal }) }),
      ended: () => ears.leave(),
    });
  }

  get core(): C {
    return this.#life.daemon!.core;
  }

  /** The process is gone, or drops all that it knew. Clients that wait are left without an answer. */
  closeAll(): void {
    this.#link.close();
    this.#requests.clear();
  }

  ask(method: string, url: string, body: unknown): Promise<FrameworkAnswer> {
    const [path, query] = url.split("?") as [string, string?];
    const bodyText = body === undefined ? "" : JSON.stringify(body);
    const asked = this.#kind.asked({ method, path, query: new URLSearchParams(query), bodyText });
    if ("answer" in asked) return Promise.resolve(asked.answer);
    if ("shows" in asked) return this.#read(asked.shows);
    const request = this.#next++;
    return new Promise((resolve) => {
      this.#requests.set(request, resolve);
      this.#life.post(asked.does(request));
    });
  }

  refuse(event: Event, reason: Error): void {
    const request = this.#kind.requestOf(event);
    if (request !== undefined) this.answer(request, refusal(reason));
  }

  carryOut(effect: Effect): void {
    if ((effect as { type?: string }).type !== "log") this.#ears.acts();
    this.#kind.carryOut(effect, this);
  }

  answer(request: number, answer: FrameworkAnswer): void {
    const waiting = this.#requests.get(request);
    this.#requests.delete(request);
    waiting?.(answer);
  }

  send(call: Omit<Call, "framework_id">): void {
    this.#link.send(call);
  }

  want(framework: FrameworkInfo, suppressed: readonly string[]): void {
    this.#link.want(framework, suppressed);
  }

  wake(atMs: number, event: Event): void {
    this.#life.wake(atMs, event);
  }

  notice(notice: object): void {
    this.#ears.notice(notice);
  }

  leave(): void {
    this.#ears.leave();
  }

  #read(show: (core: C, nowMs: number) => FrameworkAnswer): Promise<FrameworkAnswer> {
    const { daemon, clock } = this.#life;
    return new Promise((resolve) =>
      daemon!.read(
        (core) => show(core, clock.nowMs),
        resolve,
        (reason) => resolve(refusal(reason)),
      ),
    );
  }
}

function refusal({ message }: Error): FrameworkAnswer {
  return { status: 503, headers: {}, body: { message } };
}
