import { describe, expect, test } from "vitest";
import { readScheduled } from "../definition/chronos.ts";
import { readMetronomeJob } from "../definition/metronome.ts";
import { DEFAULT_SETTINGS } from "../definition/settings.ts";
import type { Job } from "../job.ts";
import { lean } from "./lean.ts";
import { jobOf, storedJob } from "./stored.ts";

const nowMs = Date.UTC(2026, 0, 1);

function byChronos(body: object): Job {
  const read = readScheduled({ name: "a", command: "true", ...body }, { settings: DEFAULT_SETTINGS, nowMs });
  if ("refusal" in read) throw new Error(read.refusal.body.message);
  return read.value.job;
}

function byMetronome(run: object, more: object = {}): Job {
  const read = readMetronomeJob({ id: "a", ...more, run: { cmd: "true", cpus: 0.1, mem: 32, ...run } }, { nowMs });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal.body));
  return read.value;
}

const FULL = {
  schedule: "R3/2026-02-01T09:00:00Z/P1D",
  description: "of the night",
  owner: "a@example.com",
  ownerName: "A",
  retries: 7,
  cpus: 1,
  mem: 256,
  disk: 1,
  gpus: 1,
  disabled: true,
  concurrent: true,
  softError: true,
  highPriority: true,
  epsilon: "PT5M",
  shell: false,
  arguments: ["b"],
  environmentVariables: [{ name: "A", value: "b" }],
  fetch: [{ uri: "http://h/a", extract: true, executable: false, cache: true }],
  constraints: [["rack", "EQUALS", "1"]],
};

const JOBS: readonly (readonly [name: string, job: Job])[] = [
  ["of Chronos' that says nothing of its own", byChronos({ schedule: "R/2026-02-01T09:00:00Z/P1D" })],
  ["of Chronos' that says all", byChronos(FULL)],
  ["of Metronome's that says nothing of its own", byMetronome({})],
  [
    "of Metronome's that says more",
    byMetronome({ env: { A: "b" }, user: "u", args: [], gpus: 1 }, { labels: { a: "b" } }),
  ],
];

describe("the record of a job", () => {
  test.each(JOBS)("%s is read as what it was", (_, job) => {
    const record = JSON.stringify(storedJob(lean(job)));
    expect(jobOf(JSON.parse(record))).toEqual(JSON.parse(JSON.stringify(job)));
  });

  test("leaves out what is as in most jobs", () => {
    const record = JSON.stringify(storedJob(lean(JOBS[0]![1])));
    expect(record.length).toBeLessThan(350);
    expect(record).not.toContain("epsilon");
  });

  test("that says all, as cron stored it before, is the same job", () => {
    for (const [, job] of JOBS) {
      const all = JSON.parse(JSON.stringify(job));
      expect(jobOf(all)).toEqual(all);
    }
  });
});
