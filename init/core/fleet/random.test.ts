import type { App } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf } from "../capacity.ts";
import { isTerminal, isUnreachable } from "../instance/condition.ts";
import { anApp } from "../plan/specs.rig.ts";
import { Stage } from "./fleet.rig.ts";

const AGENTS = ["a1", "a2", "a3"];

type Happening =
  | { readonly type: "want"; readonly app: number; readonly change: Partial<App> | undefined; readonly force: boolean }
  | { readonly type: "task"; readonly which: number; readonly state: "TASK_FAILED" | "TASK_FINISHED" | "TASK_RUNNING" }
  | { readonly type: "agent"; readonly which: number; readonly isReachable: boolean }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "crash" | "reconnect" }
  | { readonly type: "die"; readonly after: number; readonly when: "before it is stored" | "before its effects" };

const change = fc.record({
  instances: fc.nat(4),
  cmd: fc.constantFrom("one", "two", "three"),
  upgradeStrategy: fc.record({
    minimumHealthCapacity: fc.constantFrom(0, 0.5, 1),
    maximumOverCapacity: fc.constantFrom(0, 0.5, 1),
  }),
  unreachableStrategy: fc.constantFrom(
    { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    { inactiveAfterSeconds: 10, expungeAfterSeconds: 30 },
  ),
  dependencies: fc.constantFrom([], ["/app0"]),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("want" as const),
      app: fc.nat(2),
      change: fc.option(change, { nil: undefined, freq: 5 }),
      force: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("task" as const),
      which: fc.nat(20),
      state: fc.constantFrom("TASK_FAILED" as const, "TASK_FINISHED" as const, "TASK_RUNNING" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("agent" as const), which: fc.nat(2), isReachable: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(0, 1000, 20_000, 400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("crash" as const, "reconnect" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("die" as const),
      after: fc.integer({ min: 1, max: 12 }),
      when: fc.constantFrom("before it is stored" as const, "before its effects" as const),
    }),
  },
);

/** Lets things happen, a few steps of everything else between them, and says what was ever wrong. */
function tell(happenings: readonly (readonly [Happening, number])[]): string[] {
  const stage = new Stage();
  for (const id of AGENTS) stage.cluster.addAgent(id, "cpus:8;mem:8192;disk:8192;ports:[31000-31099]");
  const watch = new Watch(stage);
  stage.start();
  for (const [what, steps] of happenings) {
    if (what.type === "want") watch.change(() => happen(stage, what));
    else happen(stage, what);
    for (let i = 0; i < steps; i++) watch.look(stage.step(1));
  }
  for (const id of AGENTS) stage.cluster.setReachable(id, true);
  stage.run(2_000_000);
  return [...watch.problems, ...stage.problems()];
}

function happen(stage: Stage, what: Happening): void {
  const { cluster } = stage;
  switch (what.type) {
    case "want":
      return want(stage, what.app, what.change, what.force);
    case "task": {
      const tasks = cluster.live.filter(({ agent }) => cluster.agents.get(agent)!.isReachable);
      const task = tasks[what.which % Math.max(1, tasks.length)];
      if (task !== undefined) cluster.update(task.id, what.state);
      return;
    }
    case "agent":
      return cluster.setReachable(AGENTS[what.which]!, what.isReachable);
    case "pass":
      return void stage.run(what.ms);
    case "crash":
      return stage.crash();
    case "reconnect":
      return stage.reconnect();
    case "die":
      stage.dieAt = { event: stage.applied + what.after, when: what.when };
  }
}

function want(stage: Stage, which: number, change: Partial<App> | undefined, force: boolean): void {
  const id = `/app${which}`;
  const others = [...stage.state.tree.apps.values()].filter((app) => app.id !== id);
  const dependencies = which === 0 ? [] : change?.dependencies;
  const app =
    change &&
    anApp(id, { ...stage.state.tree.apps.get(id), ...change, ...(dependencies && { dependencies }), ...KINDS[which] });
  stage.want(app === undefined ? others : [...others, app], { force });
}

const volume = {
  containerPath: "data",
  mode: "RW" as const,
  persistent: { type: "root" as const, size: 64, constraints: [] },
};

/** The second is of another role, and the third has a volume. */
const KINDS: Readonly<Record<number, Partial<App>>> = {
  1: { role: "dev" },
  2: {
    container: { type: "MESOS", volumes: [volume], portMappings: [] },
    upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
    unreachableStrategy: "disabled",
  },
};

/** What must hold at any moment. */
class Watch {
  readonly problems: string[] = [];
  readonly #stage: Stage;
  readonly #most = new Map<string, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** The definitions change: what is allowed is what was there, or the bound of the new one. */
  change(what: () => void): void {
    const { state } = this.#stage;
    const before = new Map([...state.services.keys()].map((id) => [id, this.#alive(id)]));
    what();
    for (const [id, app] of this.#stage.state.tree.apps) {
      const most = Math.max(capacityOf(app.instances, app.upgradeStrategy).maxAlive, app.instances + 1);
      this.#most.set(id, Math.max(most, before.get(id) ?? 0, this.#most.get(id) ?? 0));
    }
  }

  look(stage: Stage): void {
    for (const [id, most] of this.#most)
      if (this.#alive(id) > most) this.problems.push(`${this.#alive(id)} of ${id} live, ${most} may`);
    const byInstance = Map.groupBy(stage.cluster.live, ({ id }) => id.slice(0, id.lastIndexOf("._app")));
    for (const [id, tasks] of byInstance) if (tasks.length > 1) this.problems.push(`${tasks.length} tasks of ${id}`);
  }

  // Those that cannot be reached may be dead.
  #alive(id: string): number {
    const alive = this.#stage.instances(id).filter(({ tasks, condition }) => {
      const lives = Object.values(tasks).some((task) => !isTerminal(task.condition));
      return lives && !isUnreachable(condition);
    });
    return alive.length;
  }
}

describe("whatever happens", () => {
  it("no more instances live than may, no instance has two tasks, and all ends as wanted", () => {
    const story = fc.array(fc.tuple(happening, fc.nat(12)), { maxLength: 25 });
    fc.assert(
      fc.property(story, (happenings) => {
        expect(tell(happenings)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
