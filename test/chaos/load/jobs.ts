// Jepsen's jobs: each writes down when it begins and ends.
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "@meseta/lib/core/random.ts";
import type { TimedJob } from "@meseta/sim/checkers/cron.ts";
import { type History, noteInTask } from "../history.ts";
import { urlsOf } from "../parts.ts";
import { Caller } from "./caller.ts";
import { noted } from "./writer.ts";

const PATIENCE_MS = 20_000;
const HEAD_START_S = 10;
const FORGIVENESS_S = 1;

/** A job about every ten seconds; what was not acknowledged is not counted. */
export async function schedule(history: History, random: Random, signal: AbortSignal): Promise<void> {
  const caller = new Caller(urlsOf("cron"), PATIENCE_MS);
  for (let number = 1; !signal.aborted; number++) {
    const job = drawJob(random, `job-${number}`, Math.ceil(Date.now() / 1000) + HEAD_START_S);
    void make(history, caller, job);
    await wait(5_000 + random.below(10_000));
  }
  caller.close();
}

async function make(history: History, caller: Caller, job: TimedJob): Promise<void> {
  const write = () => caller.change({ method: "POST", path: "/v1/scheduler/iso8601", body: bodyOf(history, job) });
  const outcome = await noted(history, `job/${job.name}`, "made", write);
  // What was acknowledged after its beginning is none that was promised to run then.
  if (outcome === "done" && Date.now() / 1000 < job.start) history.note({ type: "job", job });
}

function drawJob(random: Random, name: string, start: number): TimedJob {
  const duration = random.below(10);
  const epsilon = 10 + random.below(20);
  const interval = 1 + duration + epsilon + FORGIVENESS_S + random.below(30);
  return { name, start, interval, count: 1 + random.below(99), epsilon, duration };
}

function bodyOf({ dir }: History, { name, start, interval, count, epsilon, duration }: TimedJob) {
  return {
    name,
    command: `${noteInTask("start", dir)}; sleep ${duration}; ${noteInTask("end", dir)}`,
    schedule: `R${count}/${new Date(start * 1000).toISOString()}/PT${interval}S`,
    scheduleTimeZone: "UTC",
    epsilon: `PT${epsilon}S`,
    owner: "",
    async: false,
    cpus: 0.01,
    mem: 4,
    disk: 1,
  };
}
