import type { Resource, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { readScheduled } from "../definition/chronos.ts";
import { readMetronomeJob } from "../definition/metronome.ts";
import { DEFAULT_SETTINGS } from "../definition/settings.ts";
import type { Job } from "../job.ts";
import { HeldOffers } from "../offers/held.ts";
import { placeOn } from "../offers/place.ts";
import type { JobRun } from "../run.ts";
import { taskOf } from "../task.ts";

const NOW_MS = 1_767_607_200_000;

export const OFFER = {
  id: { value: "o" },
  framework_id: { value: "f" },
  agent_id: { value: "a1" },
  hostname: "h1",
  resources: readResources("cpus:8;mem:4096;disk:1000;gpus:2;ports:[31000-31001]") as Resource[],
};

/** The job that a body of Chronos' API describes. */
export function chronosJobOf(more: object): Job {
  const body = { name: "job", command: "true", schedule: "R//PT1H", owner: "me@here", ...more };
  const read = readScheduled(body, { settings: DEFAULT_SETTINGS, nowMs: NOW_MS });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal));
  return read.value.job;
}

/** The job that a body of Metronome's API describes. */
export function metronomeJobOf(run: object, more: object = {}): Job {
  const read = readMetronomeJob({ id: "job", ...more, run }, { nowMs: NOW_MS });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal));
  return read.value;
}

/** Its next task, on an agent with plenty of everything. */
export function taskFor(job: Job, more: Partial<JobRun> = {}): TaskInfo {
  const run: JobRun = {
    id: "20260105100000abcde",
    job: job.id,
    cause: { type: "hand" },
    dueMs: NOW_MS,
    createdMs: NOW_MS,
    arguments: "",
    phase: "waiting",
    failures: 0,
    launches: 0,
    tasks: [],
    ...more,
  };
  // Agents with GPUs are for who needs some.
  const resources = OFFER.resources.filter(({ name }) => job.run.gpus > 0 || name !== "gpus");
  const offers = new HeldOffers();
  offers.add([{ ...OFFER, resources }], "*", undefined, NOW_MS);
  const [held] = offers.values();
  const place = placeOn(held!, offers.shapes.of(job), createRandom(1));
  if (place === undefined) throw new Error("no place");
  return taskOf(job, run, place, { offer: OFFER, frameworkId: "f", bridgeName: "mesos-bridge" });
}
