import type { Query, Reading } from "../query.ts";
import { readGraph } from "./chronos-graph.ts";
import * as chronos from "./chronos-jobs.ts";
import { readPercentile, readStat } from "./chronos-stats.ts";
import { explain } from "./explain.ts";
import { readHistory } from "./history.ts";
import * as jobs from "./jobs.ts";
import type { Seen } from "./look.ts";
import * as runs from "./runs.ts";
import * as schedules from "./schedules.ts";

/** What a client asked to see, as the state is now: status and JSON, or text. Refusals are readings too. Source: Chronos' and Metronome's REST APIs. */
export function readQuery(state: Seen, query: Query, nowMs: number): Reading {
  switch (query.kind) {
    case "chronos-jobs":
      return chronos.readJobs(state);
    case "chronos-summary":
      return chronos.readSummary(state);
    case "chronos-search":
      return chronos.searchJobs(state, query.search);
    case "chronos-job":
      return chronos.readJob(state, query.name);
    case "chronos-stat":
      return readStat(state, query.name);
    case "chronos-stats":
      return readPercentile(state, query.which);
    case "chronos-graph":
      return readGraph(state, query.format);
    case "jobs":
      return jobs.readJobs(state, query.embed, nowMs);
    case "job":
      return jobs.readJob(state, query.id, query.embed, nowMs);
    case "schedules":
      return schedules.readSchedules(state, query.job, nowMs);
    case "schedule":
      return schedules.readSchedule(state, query, nowMs);
    case "runs":
      return runs.readRuns(state, query.job);
    case "run":
      return runs.readRun(state, query);
    case "queue":
      return runs.readQueue(state);
    case "history":
      return readHistory(state, query);
    case "explain":
      return explain(state, query.job, nowMs);
  }
}
