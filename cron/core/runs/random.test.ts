import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextFirings } from "../next.ts";
import { readWhen, scheduleOf } from "../when.ts";
import { Stage } from "./stage.rig.ts";

const AGENTS = ["a1", "a2", "a3"];
const NAMES = ["anna", "bert", "cleo"];
const MINUTE = 60_000;
const EVERY_SEVEN = "R/2026-01-05T10:07:00Z/PT7M";

type Happening =
  | { readonly type: "put"; readonly job: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly type: "metronome"; readonly job: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly type: "follow"; readonly job: number; readonly parents: readonly number[] }
  | {
      readonly type: "call";
      readonly job: number;
      readonly kind: "delete" | "run" | "kill" | "stop" | "pause" | "resume";
    }
  | { readonly type: "task"; readonly which: number; readonly state: "TASK_FAILED" | "TASK_FINISHED" | "TASK_LOST" }
  | { readonly type: "agent"; readonly which: number; readonly isReachable: boolean }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "tasks"; readonly ms: number }
  | { readonly type: "late"; readonly count: number }
  | { readonly type: "crash"; readonly awayMs: number }
  | { readonly type: "back"; readonly ms: number }
  | { readonly type: "reconnect" }
  | { readonly type: "die"; readonly after: number; readonly when: "before it is stored" | "before its effects" };

const which = fc.nat(2);

const body = fc.record({
  schedule: fc.constantFrom(
    "R/2026-01-05T10:01:00Z/PT1M",
    "R3/2026-01-05T10:02:30Z/PT3M",
    "R/2026-01-05T09:00:00Z/PT1H",
    "R5//PT90S",
    "* * * * *",
    "*/5 * * * *",
  ),
  catchUp: fc.constantFrom("EACH", "ONE", "NONE"),
  concurrent: fc.boolean(),
  retries: fc.nat(2),
  softError: fc.boolean(),
  highPriority: fc.boolean(),
  cpus: fc.constantFrom(0.1, 6),
});

const metronomeBody = fc.record({
  schedules: fc.tuple(
    fc.record({
      id: fc.constantFrom("s", "t"),
      cron: fc.constantFrom("* * * * *", "*/3 * * * *"),
      concurrencyPolicy: fc.constantFrom("ALLOW", "FORBID"),
      startingDeadlineSeconds: fc.constantFrom(60, 900),
      enabled: fc.boolean(),
    }),
  ),
  run: fc.record({
    cmd: fc.constant("true"),
    cpus: fc.constantFrom(0.1, 6),
    restart: fc.constantFrom(
      { policy: "NEVER" },
      { policy: "ON_FAILURE" },
      { policy: "ON_FAILURE", activeDeadlineSeconds: 60 },
    ),
  }),
});

function happenings(): fc.Arbitrary<Happening> {
  const of = <Type extends Happening["type"]>(type: Type) => fc.constant(type);
  const dying = fc.constantFrom("before it is stored" as const, "before its effects" as const);
  const ends = fc.constantFrom("TASK_FAILED" as const, "TASK_FINISHED" as const, "TASK_LOST" as const);
  const kinds = fc.constantFrom(...(["delete", "run", "run", "kill", "stop", "pause", "resume"] as const));
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: of("put"), job: which, body }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: of("follow"), job: which, parents: fc.uniqueArray(which, { minLength: 1 }) }),
    },
    { weight: 4, arbitrary: fc.record({ type: of("call"), job: which, kind: kinds }) },
    { weight: 3, arbitrary: fc.record({ type: of("task"), which: fc.nat(20), state: ends }) },
    { weight: 2, arbitrary: fc.record({ type: of("agent"), which, isReachable: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({ type: of("pass"), ms: fc.constantFrom(100, 20_000, 3 * MINUTE, 10 * MINUTE) }),
    },
    { weight: 1, arbitrary: fc.record({ type: of("tasks"), ms: fc.constantFrom(0, 10_000, 5 * MINUTE) }) },
    { weight: 2, arbitrary: fc.record({ type: of("metronome"), job: which, body: metronomeBody }) },
    { weight: 1, arbitrary: fc.record({ type: of("late"), count: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ type: of("crash"), awayMs: fc.constantFrom(0, 0, 10 * MINUTE, -5 * MINUTE) }) },
    { weight: 1, arbitrary: fc.record({ type: of("back"), ms: fc.constantFrom(1000, 5 * MINUTE) }) },
    { weight: 1, arbitrary: fc.record({ type: of("reconnect") }) },
    { weight: 2, arbitrary: fc.record({ type: of("die"), after: fc.integer({ min: 1, max: 12 }), when: dying }) },
  );
}

/** Lets things happen, a few steps of everything else between them, then all come to rest; and says what was ever wrong. */
function tell(story: readonly (readonly [Happening, number])[]): string[] {
  const stage = new Stage({ retryMs: 10_000, disableAfterFailures: 3 });
  for (const id of AGENTS) stage.cluster.addAgent(id, "cpus:8;mem:8192;disk:8192;ports:[31000-31099]");
  stage.start();
  const names = [...NAMES];
  stage.chronos({ name: "each", schedule: EVERY_SEVEN, catchUp: "EACH", concurrent: true });
  stage.chronos({ name: "one", schedule: EVERY_SEVEN });
  for (const [what, steps] of story) {
    happen(stage, names, what);
    stage.step(steps);
  }
  stage.dieAt = undefined;
  stage.taskMs = 0;
  for (const id of AGENTS) stage.cluster.setReachable(id, true);
  for (const id of stage.state.entries.keys()) stage.ask({ kind: "pause-job", id, isPaused: true });
  // Longer than anything rests.
  stage.run(60 * MINUTE);
  return [...stage.problems(), ...stage.aborts, ...missing(stage), ...(isStraight(story) ? beside(stage) : [])];
}

function happen(stage: Stage, names: string[], what: Happening): void {
  const { cluster } = stage;
  switch (what.type) {
    case "put":
      return put(stage, { name: names[what.job]!, ...what.body });
    case "metronome":
      return putMetronome(stage, { id: names[what.job]!, ...what.body });
    case "follow":
      return follow(
        stage,
        names[what.job]!,
        what.parents.map((parent) => names[parent]!),
      );
    case "call":
      call(stage, names[what.job]!, what.kind);
      // One of the same name would run for the same instants.
      if (what.kind === "delete") names[what.job] += "2";
      return;
    case "task": {
      const live = cluster.live.filter(
        ({ agent, state }) => state === "TASK_RUNNING" && cluster.agents.get(agent)!.isReachable,
      );
      const task = live[what.which % Math.max(1, live.length)];
      if (task !== undefined) cluster.update(task.id, what.state);
      return;
    }
    case "agent":
      return cluster.setReachable(AGENTS[what.which]!, what.isReachable);
    case "pass":
      return void stage.run(what.ms);
    case "tasks":
      stage.taskMs = what.ms;
      return;
    case "late":
      cluster.late = what.count;
      return;
    case "crash":
      return stage.crash(what.awayMs);
    case "back":
      stage.nowMs -= what.ms;
      return;
    case "reconnect":
      return stage.reconnect();
    case "die":
      stage.dieAt = { event: stage.applied + what.after, when: what.when };
  }
}

/** Refused when nothing of its schedule is left. */
function put(stage: Stage, body: Readonly<Record<string, unknown>>): void {
  stage.ask({ kind: "chronos-put", isDependent: false, body: { command: "true", ...body } });
}

/** Refused when the job follows others, or already has a schedule of another name. */
function putMetronome(stage: Stage, body: { readonly id: string }): void {
  if (stage.state.entries.has(body.id)) stage.ask({ kind: "update-job", id: body.id, isWhole: true, body });
  else stage.ask({ kind: "create-job", isWhole: true, body });
}

/** Refused when a parent is not there, or would follow its child. */
function follow(stage: Stage, name: string, parents: readonly string[]): void {
  stage.ask({ kind: "chronos-put", isDependent: true, body: { name, command: "true", parents } });
}

function call(stage: Stage, name: string, kind: Extract<Happening, { type: "call" }>["kind"]): void {
  if (kind === "run") stage.ask({ kind: "chronos-run", name, arguments: "" });
  else if (kind === "kill") stage.ask({ kind: "chronos-kill", name });
  else if (kind === "delete") stage.ask({ kind: "chronos-delete", name });
  else if (kind !== "stop") stage.ask({ kind: "pause-job", id: name, isPaused: kind === "pause" });
  else
    for (const { id } of stage.state.entries.get(name)?.runs?.values() ?? [])
      stage.ask({ kind: "stop-run", job: name, run: id });
}

/** Of a job that nobody touched: whether it ran for each firing. */
function missing(stage: Stage): string[] {
  const of = (name: string) => [...stage.made.values()].filter(({ job }) => job === name);
  const read = readWhen(EVERY_SEVEN, "", 0);
  const until = stage.entry("each").untilMs.get("default")!;
  const all = "value" in read ? nextFirings(scheduleOf(read.value), 0, 1000).filter((atMs) => atMs <= until) : [];
  const had = new Set(of("each").map(({ dueMs }) => dueMs));
  const problems = all.filter((atMs) => !had.has(atMs)).map((atMs) => `each did not run for ${atMs}`);
  if (had.size !== all.length) problems.push(`each ran ${had.size} times instead of ${all.length}`);
  return problems;
}

/** Of a job that nobody touched: whether it ran beside itself. */
function beside(stage: Stage): string[] {
  const past = stage.past("one");
  return past.flatMap(({ createdMs }, index) =>
    index > 0 && createdMs < past[index - 1]!.endedMs ? [`one ran beside itself at ${createdMs}`] : [],
  );
}

/** Whether what came later has a later time as well. */
function isStraight(story: readonly (readonly [Happening, number])[]): boolean {
  return story.every(([what]) => what.type !== "back" && !(what.type === "crash" && what.awayMs < 0));
}

describe("whatever happens", () => {
  it("no firing has two runs and no run two tasks, each firing that is to be made up for is, and all ends and is stored", () => {
    const story = fc.array(fc.tuple(happenings(), fc.nat(12)), { maxLength: 25, size: "max" });
    fc.assert(
      fc.property(story, (happenings) => {
        expect(tell(happenings)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
