import type { Call } from "@meseta/cron/core/call.ts";
import type { CronConfig } from "@meseta/cron/core/config.ts";
import { type Cron, createCron } from "@meseta/cron/core/cron.ts";
import { DEFAULT_SETTINGS } from "@meseta/cron/core/definition/settings.ts";
import type { CronEvent } from "@meseta/cron/core/event.ts";
import { type CronEffect, CronOut } from "@meseta/cron/core/out.ts";
import type { Query } from "@meseta/cron/core/query.ts";
import { CHRONOS } from "@meseta/cron/core/routes/chronos.ts";
import { METRONOME } from "@meseta/cron/core/routes/metronome.ts";
import { type Read, readRequest } from "@meseta/cron/core/routes/route.ts";
import { readQuery } from "@meseta/cron/core/views/read.ts";
import { frameworkOf } from "@meseta/cron/io/framework.ts";
import type { SimFramework } from "./framework.ts";
import { type Asked, answerOf, type FrameworkKind, type Request, readingOf, type Tools } from "./framework-kind.ts";

/** A cron of the simulated cluster. */
export type SimCron = SimFramework<CronEvent, CronEffect, CronOut, Cron>;

/** As a cron is set up by itself, but that it rests less between attempts, gives up sooner what it cannot reach, and keeps fewer past runs. */
const CONFIG: CronConfig = {
  definitions: DEFAULT_SETTINGS,
  frameworkName: "cron",
  hostname: "cron",
  failoverTimeoutMs: 604_800_000,
  role: "*",
  bridgeName: "mesos-bridge",
  declineMs: 120_000,
  aheadMs: 500,
  retryMs: 5_000,
  disableAfterFailures: 0,
  unreachableMs: 60_000,
  confirmMs: 60_000,
  killRetryMs: 5_000,
  mostCaughtUp: 100,
  mostJobs: 500_000,
  mostRuns: 1000,
  mostPast: 20,
  mostPastInAll: 100,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  address: "cron:4400",
  metronomeAddress: "cron:9000",
  version: "0.1.0",
};

/** Runs jobs on time. */
export const CRON: FrameworkKind<CronEvent, CronEffect, CronOut, Cron> = {
  place: "cron",
  isByTimeOfDay: true,
  newOutbox: () => new CronOut(),
  create: (beginning) => createCron(CONFIG, beginning),
  news: (news) => news,
  asked,
  requestOf: (event) => (event.type === "call" ? event.request : undefined),
  carryOut,
};

function asked({ method, path, query, bodyText }: Request): Asked<CronEvent, Cron> {
  const api = path.startsWith("/v1/scheduler") ? CHRONOS : METRONOME;
  const found = api.find(method, path);
  if (!("route" in found)) return { answer: answerOf(api.nowhere(path, found.methods)) };
  const read = readRequest(api, found, { query, bodyText });
  if ("refusal" in read) return { answer: answerOf(read.refusal) };
  const { shows, does } = found.route;
  return shows === undefined ? changes(does!(read.value)) : looks(shows(read.value));
}

function changes(wanted: Read<Call>): Asked<CronEvent, Cron> {
  if ("refusal" in wanted) return { answer: answerOf(wanted.refusal) };
  return { does: (request) => ({ type: "call", request, call: wanted.value }) };
}

function looks(wanted: Read<Query>): Asked<CronEvent, Cron> {
  if ("refusal" in wanted) return { answer: answerOf(wanted.refusal) };
  return { shows: ({ state }, nowMs) => readingOf(readQuery(state, wanted.value, nowMs)) };
}

function carryOut(effect: CronEffect, tools: Tools<CronEvent, Cron>): void {
  switch (effect.type) {
    case "answer":
      return tools.answer(effect.request, answerOf(effect.answer));
    case "send":
      return tools.send(effect.call);
    case "subscribe":
      return tools.want(frameworkOf(CONFIG, effect.frameworkId), [CONFIG.role]);
    case "wake":
      return tools.wake(effect.atMs, { type: "wake", wake: effect.wake });
    case "notify":
      return tools.notice(effect.notification);
    case "abort":
      return tools.leave();
    case "log":
      return;
  }
}
