import type { InitConfig } from "@meseta/init/core/config.ts";
import { DEFAULT_SETTINGS } from "@meseta/init/core/definition/settings.ts";
import type { InitEvent } from "@meseta/init/core/event.ts";
import { createInit, type Init } from "@meseta/init/core/init.ts";
import { KILL_SETTINGS } from "@meseta/init/core/instance/kills.ts";
import { TIMEOUTS } from "@meseta/init/core/instance/life.ts";
import { type InitEffect, InitOut } from "@meseta/init/core/out.ts";
import { findRoute, readRequest } from "@meseta/init/core/routes.ts";
import { readQuery } from "@meseta/init/core/views/read.ts";
import { frameworkOf } from "@meseta/init/io/framework.ts";
import type { SimFramework } from "./framework.ts";
import { type Asked, answerOf, type FrameworkKind, type Request, readingOf, type Tools } from "./framework-kind.ts";

/** An init of the simulated cluster. */
export type SimInit = SimFramework<InitEvent, InitEffect, InitOut, Init>;

/** As an init is set up by itself, with one exception: so many versions are gone back to that some are forgotten. */
const CONFIG: InitConfig = {
  definitions: DEFAULT_SETTINGS,
  placement: { gpus: "restricted" },
  kills: KILL_SETTINGS,
  timeouts: TIMEOUTS,
  frameworkName: "init",
  user: "root",
  hostname: "init",
  failoverTimeoutMs: 604_800_000,
  environmentPrefix: "",
  bridgeName: "mesos-bridge",
  mostInstancesPerOffer: Number.POSITIVE_INFINITY,
  declineMs: 120_000,
  mostDeployments: 100,
  mostVersions: 10,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  address: "init:8080",
  version: "1.11.0",
};

/** Keeps services running. */
export const INIT: FrameworkKind<InitEvent, InitEffect, InitOut, Init> = {
  place: "init",
  newOutbox: () => new InitOut(),
  create: (beginning) => createInit(CONFIG, beginning),
  news: (news) => news,
  asked,
  requestOf: (event) => (event.type === "call" ? event.request : undefined),
  carryOut,
};

function asked({ method, path, query, bodyText }: Request): Asked<InitEvent, Init> {
  const way = findRoute(method, path);
  if ("answer" in way) return { answer: answerOf(way.answer) };
  const read = readRequest(way, { query, bodyText, wantsText: false });
  if ("answer" in read) return { answer: answerOf(read.answer) };
  const { shows, does } = way.route;
  if (shows !== undefined) {
    const seen = shows(read);
    return { shows: ({ state }, nowMs) => readingOf(readQuery(state, seen, nowMs)) };
  }
  const call = does!(read);
  return { does: (request) => ({ type: "call", request, call, client: { ip: "10.0.0.1", uri: path } }) };
}

function carryOut(effect: InitEffect, tools: Tools<InitEvent, Init>): void {
  switch (effect.type) {
    case "answer":
      return tools.answer(effect.request, answerOf(effect.answer));
    case "send":
      return tools.send(effect.call);
    case "roles":
      return tools.want(frameworkOf(CONFIG, effect.roles, tools.core.state.master.frameworkId), effect.suppressed);
    case "wake":
      return tools.wake(effect.atMs, { type: "wake", wake: effect.wake });
    case "publish":
      return tools.notice(effect.notice);
    case "abort":
      return tools.leave();
    case "log":
      return;
  }
}
