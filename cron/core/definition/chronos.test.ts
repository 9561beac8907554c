import type { ChronosJob } from "@meseta/api/chronos/job.ts";
import { describe, expect, test } from "vitest";
import { type Job, NO_STATS } from "../job.ts";
import { type ChronosReading, readDependent, readScheduled } from "./chronos.ts";
import { chronosJob } from "./chronos-job.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

const reading: ChronosReading = { settings: DEFAULT_SETTINGS, nowMs: Date.UTC(2026, 0, 1) };
const SCHEDULE = "R/2026-02-01T09:00:00Z/P1D";

function jobOf(body: object, more: Partial<ChronosReading> = {}): Job {
  const read = readScheduled(body, { ...reading, ...more });
  if ("refusal" in read) throw new Error(read.refusal.body.message);
  return read.value.job;
}

function shown(body: object): ChronosJob {
  return chronosJob(jobOf(body), NO_STATS);
}

function message(body: object, read = readScheduled): string {
  const answer = read(body, reading);
  if (!("refusal" in answer)) throw new Error("it was taken");
  expect(answer.refusal).toEqual({ status: 400, body: { status: "Bad Request", message: expect.any(String) } });
  return answer.refusal.body.message;
}

test("every field that has a default is shown, those of 2.x too", () => {
  expect(shown({ name: "a", command: "true", schedule: SCHEDULE })).toEqual({
    name: "a",
    command: "true",
    shell: true,
    arguments: [],
    schedule: "R/2026-02-01T09:00:00.000Z/P1D",
    scheduleTimeZone: "",
    executor: "",
    executorFlags: "",
    taskInfoData: "",
    retries: 2,
    owner: "",
    ownerName: "",
    description: "",
    async: false,
    epsilon: "PT60S",
    successCount: 0,
    errorCount: 0,
    errorsSinceLastSuccess: 0,
    lastSuccess: "",
    lastError: "",
    cpus: 0.1,
    mem: 128,
    disk: 256,
    disabled: false,
    concurrent: false,
    softError: false,
    highPriority: false,
    dataProcessingJobType: false,
    maxCompletionTime: 0,
    uris: [],
    fetch: [],
    environmentVariables: [],
    runAsUser: "root",
    constraints: [],
  });
});

const FULL = {
  name: "My.full-job_1",
  command: "/bin/echo",
  shell: false,
  arguments: ["a", "b"],
  schedule: "R5/2026-02-01T09:00:00.000+01:00/PT2H",
  scheduleTimeZone: "Europe/Berlin",
  catchUp: "EACH",
  executor: "/opt/executor",
  executorFlags: "-x",
  taskInfoData: "data",
  retries: 5,
  owner: "a@example.com,b@example.com",
  ownerName: "A",
  description: "all there is",
  async: true,
  epsilon: "PT5M",
  successCount: 3,
  errorCount: 2,
  errorsSinceLastSuccess: 1,
  lastSuccess: "2025-12-01T00:00:00.000Z",
  lastError: "2025-12-02T00:00:00.000Z",
  cpus: 2,
  mem: 64,
  disk: 1,
  disabled: true,
  concurrent: true,
  softError: true,
  highPriority: true,
  dataProcessingJobType: true,
  maxCompletionTime: 60,
  uris: ["http://example.com/a.tgz"],
  fetch: [{ uri: "http://example.com/a.tgz", executable: true, cache: true, extract: false, output_file: "b" }],
  environmentVariables: [{ name: "A", value: "1" }],
  runAsUser: "nobody",
  container: {
    type: "DOCKER",
    image: "debian:12",
    network: "USER",
    networkName: "web",
    networkInfos: [
      {
        name: "web",
        protocol: "IPv4",
        labels: [{ key: "a", value: "b" }],
        portMappings: [{ hostPort: 31000, containerPort: 80, protocol: "tcp" }],
      },
    ],
    volumes: [
      { containerPath: "/a", hostPath: "/b", mode: "RO" },
      {
        containerPath: "/c",
        mode: "RW",
        external: { name: "v", provider: "dvdi", options: [{ key: "a", value: "b" }] },
      },
    ],
    forcePullImage: true,
    parameters: [{ key: "a", value: "b" }],
  },
  constraints: [
    ["hostname", "EQUALS", "a1"],
    ["rack", "LIKE", "r[1-3]"],
    ["os", "UNLIKE", "bsd"],
  ],
};

test("a job with all fields is shown as it was written, and what is shown can be written again", () => {
  const read = readScheduled(FULL, reading);
  if ("refusal" in read) throw new Error(read.refusal.body.message);
  const first = chronosJob(read.value.job, read.value.stats);
  expect(first).toEqual(FULL);
  const again = readScheduled(first, { ...reading, old: read.value.job });
  expect(again).toEqual(read);
});

test("numbers and truths may be texts, as clients have always written them", () => {
  const body = { name: "a", command: "true", cpus: "0.5", mem: "64", disabled: "true", retries: "3", description: 7 };
  expect(shown(body)).toMatchObject({ cpus: 0.5, mem: 64, disabled: true, retries: 3, description: "7" });
});

test("uris become fetch, and archives among them are unpacked", () => {
  const { fetch } = shown({ name: "a", uris: ["http://e/a.tar.gz", "http://e/b.sh"] });
  expect(fetch.map(({ uri, extract }) => [uri, extract])).toEqual([
    ["http://e/a.tar.gz", true],
    ["http://e/b.sh", false],
  ]);
});

describe("when it runs", () => {
  test("is once and now, when it says neither schedule nor parents", () => {
    expect(shown({ name: "a", command: "true" }).schedule).toBe("R1/2026-01-01T00:00:00.000Z/PT24H");
  });

  test("is after its parents, each named once", () => {
    const { parents, schedule } = shown({ name: "c", command: "true", parents: ["a", "b", "a"] });
    expect([parents, schedule]).toEqual([["a", "b"], undefined]);
  });

  test("is by a cron expression as well", () => {
    expect(shown({ name: "a", schedule: "0 9 * * MON", scheduleTimeZone: "europe/berlin" })).toMatchObject({
      schedule: "0 9 * * MON",
      scheduleTimeZone: "Europe/Berlin",
    });
  });

  test("keeps the day that it began on, when a client writes back what it has read", () => {
    const old = jobOf({ name: "a", schedule: "R/2024-01-31T00:00:00Z/P1M" });
    const moved = { ...old, trigger: old.trigger.type === "schedules" ? moveTo(old.trigger, 1) : old.trigger };
    const read = chronosJob(moved, NO_STATS);
    expect(read.schedule).toBe("R/2024-02-29T00:00:00.000Z/P1M");
    expect(jobOf(read, { old: moved }).trigger).toEqual(moved.trigger);
  });
});

function moveTo(trigger: Extract<Job["trigger"], { type: "schedules" }>, first: number): Job["trigger"] {
  return {
    ...trigger,
    schedules: trigger.schedules.map((schedule) =>
      schedule.when.type === "interval" ? { ...schedule, when: { ...schedule.when, first } } : schedule,
    ),
  };
}

describe("what is wrong is refused with a sentence", () => {
  const job = { name: "a", command: "true" };

  test.each(["a b", "a/b", "ä", "🙂", "", " ", "a\n"])("a name such as %j", (name) => {
    expect(message({ ...job, name })).toMatch(/^name /);
  });

  test("a schedule that cannot be read, or never fires", () => {
    expect(message({ ...job, schedule: "R/2026-02-30T00:00:00Z/P1D" })).toMatch(/^schedule: start: "2026-02-30/);
    expect(message({ ...job, schedule: "R//PT0S" })).toMatch(/^schedule: period: PT0S is shorter than a second/);
    expect(message({ ...job, schedule: "0 0 31 2 *" })).toMatch(/^schedule: "0 0 31 2 \*" never fires/);
    expect(message({ ...job, schedule: SCHEDULE, scheduleTimeZone: "Mars/Olympus" })).toMatch(/there is no "Mars/);
  });

  test("schedule and parents together, a dependent job without parents, and one that follows itself", () => {
    expect(message({ ...job, schedule: SCHEDULE, parents: ["b"] })).toBe("A job has a schedule or parents, not both.");
    expect(message(job, readDependent)).toMatch(/^parents: a dependent job names at least one/);
    expect(message({ ...job, parents: [] }, readDependent)).toMatch(/^parents: /);
    expect(message({ ...job, parents: ["a"] })).toBe('parents: "a" cannot follow itself.');
  });

  test("a name that is a folder's in each URL", () => {
    for (const name of [".", ".."]) expect(message({ ...job, name, schedule: SCHEDULE })).toMatch(/^name: one of dots/);
  });

  test("uris beside another fetch", () => {
    expect(message({ ...job, uris: ["http://e/a"], fetch: [{ uri: "http://e/b" }] })).toMatch(/^Give fetch or uris/);
  });

  test("constraints that are none", () => {
    expect(message({ ...job, constraints: [["rack"]] })).toMatch(/^constraints: each is \[attribute/);
    expect(message({ ...job, constraints: [["rack", "MAX_PER", "1"]] })).toMatch(/"MAX_PER" is no operator/);
    expect(message({ ...job, constraints: [["rack", "LIKE", "("]] })).toMatch(/"\(" is no regular expression/);
  });

  test("a docker container without an image, an argv without an executable, a volume of two kinds, a time that is none", () => {
    expect(message({ ...job, container: {} })).toBe("container/image is missing.");
    expect(message({ name: "a", shell: false })).toMatch(/^command: /);
    const volume = { containerPath: "/a", hostPath: "/b", external: { name: "v", provider: "p" } };
    expect(message({ ...job, container: { image: "a", volumes: [volume] } })).toMatch(/^container\/volumes: /);
    expect(message({ ...job, lastSuccess: "yesterday" })).toMatch(/^lastSuccess /);
  });

  test("words that are not among those that may be written, with those that may", () => {
    expect(message({ ...job, container: { type: "LXC" } })).toBe("container/type must be one of DOCKER, MESOS");
  });
});
