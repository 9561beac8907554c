import type { InitConfig } from "@meseta/init/core/config.ts";
import type { InitEvent } from "@meseta/init/core/event.ts";
import type { Answer, InitEffect } from "@meseta/init/core/out.ts";
import type { Query, Reading } from "@meseta/init/core/query.ts";
import { findRoute, readRequest } from "@meseta/init/core/routes.ts";
import { readQuery } from "@meseta/init/core/views/read.ts";
import { frameworkOf } from "@meseta/init/io/framework.ts";
import type { Hands } from "@meseta/lib/core/daemon.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { MasterLink } from "@meseta/sdk/scheduler/link.ts";
import type { Doors } from "./door.ts";
import type { InitLife } from "./init.ts";
import { SimTransport } from "./transport.ts";
import type { World } from "./world.ts";

/** What a client of init is answered; `body` is parsed JSON. */
export interface InitAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The hands of one life of an init: its connection to the master, and the clients that wait for answers. */
export class InitHands implements Hands<InitEvent, InitEffect> {
  readonly #life: InitLife;
  readonly #config: InitConfig;
  readonly #link: MasterLink;
  readonly #leave: () => void;
  readonly #requests = new Map<number, (answer: Answer) => void>();
  #next = 1;

  constructor(life: InitLife, config: InitConfig, place: string, world: World, doors: Doors, leave: () => void) {
    this.#life = life;
    this.#config = config;
    this.#leave = leave;
    this.#link = new MasterLink({
      connect: (options) => new SchedulerClient(new SimTransport(world, doors, place, "/api/v1/scheduler"), options),
      log: silentLog,
      heard: (event) => life.post({ type: "heard", event }),
      disconnected: () => life.post({ type: "disconnected" }),
      failed: (call, refusal) => life.post({ type: "call-failed", call, ...(refusal !== undefined && { refusal }) }),
      ended: leave,
    });
  }

  /** The process is gone, or drops all that it knew. Clients that wait are left without an answer. */
  closeAll(): void {
    this.#link.close();
    this.#requests.clear();
  }

  ask(method: string, url: string, body: unknown): Promise<InitAnswer> {
    const [path, query] = url.split("?") as [string, string?];
    const way = findRoute(method, path);
    if ("answer" in way) return Promise.resolve(shown(way.answer));
    const bodyText = body === undefined ? "" : JSON.stringify(body);
    const asked = readRequest(way, { query: new URLSearchParams(query), bodyText, wantsText: false });
    if ("answer" in asked) return Promise.resolve(shown(asked.answer));
    if (way.route.shows !== undefined) return this.#read(way.route.shows(asked));
    const request = this.#next++;
    const call = way.route.does!(asked);
    return new Promise((resolve) => {
      this.#requests.set(request, (answer) => resolve(shown(answer)));
      this.#life.post({ type: "call", request, call, client: { ip: "10.0.0.1", uri: path } });
    });
  }

  refuse(event: InitEvent, reason: Error): void {
    if (event.type === "call") this.#answer(event.request, { status: 503, body: { message: reason.message } });
  }

  carryOut(effect: InitEffect): void {
    switch (effect.type) {
      case "answer":
        return this.#answer(effect.request, effect.answer);
      case "send":
        return this.#link.send(effect.call);
      case "roles": {
        const { frameworkId } = this.#life.daemon!.core.state.master;
        return this.#link.want(frameworkOf(this.#config, effect.roles, frameworkId), effect.suppressed);
      }
      case "wake":
        return this.#life.wake(effect.atMs, { type: "wake", wake: effect.wake });
      case "abort":
        return this.#leave();
      case "publish":
      case "log":
        return;
    }
  }

  #read(query: Query): Promise<InitAnswer> {
    const { daemon, clock } = this.#life;
    return new Promise((resolve) =>
      daemon!.read(
        ({ state }) => read(readQuery(state, query, clock.nowMs)),
        resolve,
        (reason) => resolve(shown({ status: 503, body: { message: reason.message } })),
      ),
    );
  }

  #answer(request: number, answer: Answer): void {
    const waiting = this.#requests.get(request);
    this.#requests.delete(request);
    waiting?.(answer);
  }
}

function shown({ status, headers = {}, body }: Answer): InitAnswer {
  return { status, headers, body };
}

function read({ status, headers = {}, isText, pieces }: Reading): InitAnswer {
  const text = [...pieces].join("");
  return { status, headers, body: isText || text === "" ? text : JSON.parse(text) };
}
