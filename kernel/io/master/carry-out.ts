import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { StreamId, Wake } from "../../core/master/event.ts";
import type { MasterEffect } from "../../core/master/out.ts";
import { type Requests, toHttp } from "../requests.ts";
import type { Streams } from "./streams.ts";

/** What the deeds need. */
export interface World {
  readonly requests: Requests;
  readonly streams: Streams;
  readonly log: Log;
  wake(atMs: number, wake: Wake): void;
  sendSnapshot(stream: StreamId): void;
  /** The process must end. */
  fatal(reason: Error): void;
}

/** The only place where the master's decisions become deeds. Nothing is waited for: what comes of it comes back as events. */
export function carryOut(effect: MasterEffect, world: World): void {
  switch (effect.type) {
    case "answer":
      return world.requests.answer(effect.request, effect.answer);
    case "open":
      return world.streams.open(effect.stream, effect.headers);
    case "refuse-stream":
      return world.streams.refuse(effect.stream, toHttp(effect.answer, "application/json"));
    case "send-scheduler":
      return world.streams.send(effect.stream, "mesos.v1.scheduler.Event", effect.event);
    case "send-scheduler-unless-slow":
      return world.streams.sendUnlessSlow(effect.stream, "mesos.v1.scheduler.Event", effect.event);
    case "send-agent":
      return world.streams.send(effect.stream, "meseta.link.Event", effect.event);
    case "send-agent-unless-slow":
      return world.streams.sendUnlessSlow(effect.stream, "meseta.link.Event", effect.event);
    case "send-operator":
      return world.streams.send(effect.stream, "mesos.v1.master.Event", effect.event);
    case "send-snapshot":
      return world.sendSnapshot(effect.stream);
    case "publish":
      return world.streams.publish(effect.event);
    case "close":
      return world.streams.close(effect.stream);
    case "abort":
      return world.fatal(new Error(effect.reason));
    case "wake":
      return world.wake(effect.atMs, effect.wake);
    case "log":
      return world.log[effect.level](effect.message, effect.fields);
  }
}
