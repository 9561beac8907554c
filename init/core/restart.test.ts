import type { UpgradeStrategy } from "@meseta/api/marathon/strategy.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf } from "./capacity.ts";
import { beginRestart, grantKill, type Replicas, type Restart, type RestartStep, stepRestart } from "./restart.ts";

const at = (minimumHealthCapacity: number, maximumOverCapacity: number): UpgradeStrategy => ({
  minimumHealthCapacity,
  maximumOverCapacity,
});

const allHealthy = (oldHealthy: number): Replicas => ({
  oldQueued: 0,
  oldHealthy,
  oldUnhealthy: 0,
  oldDying: 0,
  newStarted: 0,
  newGood: 0,
});

const first = (target: number, strategy: UpgradeStrategy, isResident = false, now = allHealthy(target)): RestartStep =>
  stepRestart(beginRestart(target, strategy, isResident, now), now)[0];

describe("four instances are restarted", () => {
  it("with {1,1}: four more are started at once, and one old one goes for each that is healthy", () => {
    expect(first(4, at(1, 1))).toMatchObject({ killHealthy: 0, launch: 4 });
    const world = new World(4, at(1, 1), { old: 4 });
    world.settle();
    world.turnGood(1);
    expect([world.alive, world.oldAlive]).toEqual([7, 3]);
  });

  it("with {1,0}: one more at a time", () => {
    expect(first(4, at(1, 0))).toMatchObject({ killHealthy: 0, launch: 1 });
    const world = new World(4, at(1, 0), { old: 4 });
    expect(world.run()).toMatchObject({ most: 5, leastHealthy: 4 });
  });

  it("with {0.5,0}: two go first, and there are never more than four", () => {
    expect(first(4, at(0.5, 0))).toMatchObject({ killHealthy: 2, launch: 0 });
    expect(new World(4, at(0.5, 0), { old: 4 }).run()).toMatchObject({ most: 4, leastHealthy: 2 });
  });

  it("with {0.5,0.5}: two go first, two and then more are started, up to six", () => {
    expect(first(4, at(0.5, 0.5))).toMatchObject({ killHealthy: 2, launch: 2 });
    expect(new World(4, at(0.5, 0.5), { old: 4 }).run().most).toBe(6);
  });

  it("with {0,0}: all go first", () => {
    expect(first(4, at(0, 0))).toMatchObject({ killHealthy: 4, launch: 0 });
  });
});

it("a single instance with {0,0} is killed and then started", () => {
  expect(first(1, at(0, 0))).toMatchObject({ killHealthy: 1, launch: 0 });
  expect(new World(1, at(0, 0), { old: 1 }).run()).toMatchObject({ most: 1 });
});

it("a resident service without room to move goes below its lower bound by one, any other above its upper bound by one", () => {
  expect(first(4, at(1, 0), true)).toMatchObject({ killHealthy: 1, launch: 0 });
  expect(first(4, at(1, 0), false)).toMatchObject({ killHealthy: 0, launch: 1 });
});

it("a restart to fewer instances kills the surplus at once", () => {
  expect(first(2, at(1, 1), false, allHealthy(5))).toMatchObject({ killHealthy: 3 });
});

it("a restart to more instances keeps the lower bound of these, but where old ones are in the way as many as were wanted until now", () => {
  const begun = beginRestart(5, at(1, 1), false, allHealthy(3), 3);
  const [started, after] = stepRestart(begun, allHealthy(3));
  expect(started).toMatchObject({ killHealthy: 0, launch: 5 });
  const two = { ...allHealthy(3), newStarted: 5, newGood: 2 };
  // Also when init has died in between.
  for (const restart of [grantKill(grantKill(after)), beginRestart(5, at(1, 1), false, two, 3)]) {
    expect(stepRestart(restart, two)[0]).toMatchObject({ killHealthy: 0 });
    expect(stepRestart(restart, two, () => true)[0]).toMatchObject({ killHealthy: 1 });
    const three = { ...two, newGood: 0 };
    expect(stepRestart(restart, three, () => true)[0]).toMatchObject({ killHealthy: 0 });
  }
});

it("old ones that are where new ones could be make room one by one, unhealthy ones first, healthy ones down to the lower bound", () => {
  const wait = (now: Replicas, strategy = at(0.5, 1)) =>
    stepRestart({ ...beginRestart(3, strategy, false, now), kills: 0 }, now, () => true)[0];
  const full = { ...allHealthy(3), newStarted: 3 };
  expect(wait({ ...full, oldHealthy: 2, oldUnhealthy: 1 })).toMatchObject({ killUnhealthy: 1, killHealthy: 0 });
  expect(wait(full)).toMatchObject({ killUnhealthy: 0, killHealthy: 1 });
  expect(wait({ ...full, oldDying: 1 })).toMatchObject({ killUnhealthy: 0, killHealthy: 0 });
  expect(wait({ ...full, oldHealthy: 2 })).toMatchObject({ killUnhealthy: 0, killHealthy: 0 });
  expect(wait(full, at(1, 1))).toMatchObject({ killUnhealthy: 0, killHealthy: 0 });
});

it("queued old launches are cancelled first, and cost no kill", () => {
  const now = { ...allHealthy(2), oldQueued: 2 };
  expect(first(4, at(1, 1), false, now)).toMatchObject({ cancelQueued: 2, killHealthy: 0, launch: 4 });
});

it("unhealthy old instances go before healthy ones", () => {
  const now = { ...allHealthy(3), oldUnhealthy: 1 };
  expect(first(4, at(0.5, 0), false, now)).toMatchObject({ killUnhealthy: 1, killHealthy: 0 });
});

it("an old instance that dies by itself is replaced by the new version", () => {
  const begun = beginRestart(4, at(1, 0.25), false, allHealthy(4));
  const [, later] = stepRestart(begun, { ...allHealthy(4), newStarted: 1 });
  expect(stepRestart(later, { ...allHealthy(3), newStarted: 1 })[0]).toMatchObject({ launch: 1 });
});

it("a service none of whose instances is healthy can still be replaced", () => {
  const world = new World(4, at(1, 0), { old: 4, sick: 4 });
  expect(world.run().most).toBe(4);
});

it("a share that is whole in tenths is not rounded up by binary fractions", () => {
  expect(capacityOf(100, at(0.07, 0.15))).toEqual({ minHealthy: 7, maxAlive: 115 });
});

it("a replay is not needed: a restart that is begun again in the middle ends as well", () => {
  fc.assert(
    fc.property(settings(), fc.nat(30), ({ target, old, sick, strategy, isResident, choices }, cut) => {
      const world = new World(target, strategy, { old, sick, isResident }, choices);
      world.run(cut);
      world.beginAgain();
      world.run();
      expect(world.isDone).toBe(true);
    }),
  );
});

it("our kills never leave too few healthy, our launches never lead to too many alive, and every restart ends", () => {
  fc.assert(
    fc.property(settings(), ({ target, old, sick, strategy, isResident, choices }) => {
      const world = new World(target, strategy, { old, sick, isResident }, choices);
      const bounds = world.bounds;
      const report = world.run();
      expect(world.isDone).toBe(true);
      const roomless = bounds.minHealthy === bounds.maxAlive;
      const fewest = isResident && roomless ? bounds.minHealthy - 1 : bounds.minHealthy;
      const most = !isResident && roomless ? bounds.maxAlive + 1 : bounds.maxAlive;
      expect(report.leastHealthyByKill).toBeGreaterThanOrEqual(fewest);
      expect(report.mostByLaunch).toBeLessThanOrEqual(most);
    }),
    { numRuns: 500 },
  );
});

const settings = () =>
  fc.record({
    target: fc.integer({ min: 1, max: 12 }),
    old: fc.nat(14),
    sick: fc.nat(14),
    strategy: fc.record({
      minimumHealthCapacity: fc.constantFrom(0, 0.25, 0.3, 0.5, 0.75, 1),
      maximumOverCapacity: fc.constantFrom(0, 0.1, 0.5, 1),
    }),
    isResident: fc.boolean(),
    choices: fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
  });

interface Report {
  most: number;
  leastHealthy: number;
  mostByLaunch: number;
  leastHealthyByKill: number;
}

interface One {
  isNew: boolean;
  state: "young" | "good" | "sick" | "dying";
}

/** The slow, obvious world: instances in a list, in which one thing at a time happens, chosen by numbers. */
class World {
  readonly #instances: One[] = [];
  readonly #target: number;
  readonly #strategy: UpgradeStrategy;
  readonly #isResident: boolean;
  readonly #choices: readonly number[];
  #at = 0;
  #restart: Restart;
  isDone = false;
  readonly #report: Report;

  constructor(
    target: number,
    strategy: UpgradeStrategy,
    start: { old: number; sick?: number; isResident?: boolean },
    choices: readonly number[] = [0],
  ) {
    this.#target = target;
    this.#strategy = strategy;
    this.#isResident = start.isResident ?? false;
    this.#choices = choices;
    for (let i = 0; i < start.old; i++)
      this.#instances.push({ isNew: false, state: i < (start.sick ?? 0) ? "sick" : "good" });
    this.#restart = beginRestart(target, strategy, this.#isResident, this.now);
    this.#report = {
      most: this.alive,
      leastHealthy: this.healthy,
      mostByLaunch: 0,
      leastHealthyByKill: Number.POSITIVE_INFINITY,
    };
  }

  get bounds() {
    return capacityOf(this.#target, this.#strategy);
  }

  get alive(): number {
    return this.#instances.length;
  }

  get oldAlive(): number {
    return this.#instances.filter(({ isNew }) => !isNew).length;
  }

  get healthy(): number {
    return this.#instances.filter(({ state }) => state === "good").length;
  }

  get now(): Replicas {
    const count = (isNew: boolean, ...states: string[]) =>
      this.#instances.filter((instance) => instance.isNew === isNew && states.includes(instance.state)).length;
    return {
      oldQueued: 0,
      oldHealthy: count(false, "good"),
      oldUnhealthy: count(false, "sick"),
      oldDying: count(false, "dying"),
      newStarted: count(true, "young", "good"),
      newGood: count(true, "good"),
    };
  }

  beginAgain(): void {
    this.isDone = false;
    this.#restart = beginRestart(this.#target, this.#strategy, this.#isResident, this.now);
  }

  run(events = 10_000): Report {
    for (let i = 0; i < events && !this.isDone; i++) {
      this.decide();
      if (!this.isDone && !this.#happen()) throw new Error(`nothing can happen: ${JSON.stringify(this.now)}`);
    }
    return this.#report;
  }

  decide(): void {
    const [step, next] = stepRestart(this.#restart, this.now);
    this.#restart = next;
    this.isDone = step.isDone;
    this.#mark("sick", step.killUnhealthy);
    if (step.killHealthy > 0) {
      this.#mark("good", step.killHealthy);
      this.#report.leastHealthyByKill = Math.min(this.#report.leastHealthyByKill, this.healthy);
    }
    for (let i = 0; i < step.launch; i++) this.#instances.push({ isNew: true, state: "young" });
    if (step.launch > 0) this.#report.mostByLaunch = Math.max(this.#report.mostByLaunch, this.alive);
    this.#report.most = Math.max(this.#report.most, this.alive);
    this.#report.leastHealthy = Math.min(this.#report.leastHealthy, this.healthy);
  }

  /** Decides, and lets all that was killed be dead. */
  settle(): void {
    this.decide();
    for (let dying = this.#find("dying"); dying !== undefined; dying = this.#find("dying")) this.#bury(dying);
  }

  turnGood(count: number): void {
    for (let i = 0; i < count; i++) this.#turn(this.#find("young")!);
    this.settle();
  }

  #happen(): boolean {
    const open = this.#instances.filter(({ state }) => state === "young" || state === "dying");
    if (open.length === 0) return false;
    const choice = this.#choices[this.#at++ % this.#choices.length]!;
    const chosen = open[choice % open.length]!;
    if (chosen.state === "dying") this.#bury(chosen);
    else this.#turn(chosen);
    return true;
  }

  #turn(instance: One): void {
    instance.state = "good";
    this.#restart = grantKill(this.#restart);
  }

  #bury(instance: One): void {
    this.#instances.splice(this.#instances.indexOf(instance), 1);
  }

  #mark(state: "good" | "sick", count: number): void {
    for (let i = 0; i < count; i++) this.#instances.find((one) => !one.isNew && one.state === state)!.state = "dying";
  }

  #find(state: string) {
    return this.#instances.find((instance) => instance.state === state);
  }
}
