import { common, type FaultKind, fault, processAt, processesOf } from "./fault.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Clocks that are set, that go fast or slow, and a leap second, which all machines have at once: the last second of the day twice. */
export const CLOCK_FAULTS: readonly FaultKind[] = [
  fault(
    "clock jump",
    3,
    ["master", "masters", "agent", "tenant"],
    (dice) => ({ ms: dice.between(-HOUR, HOUR) }),
    (cluster, { place, ms }) => {
      const process = processAt(cluster, place);
      process?.clock.jump(ms);
      return process === undefined ? "" : `clock of ${place} jumps by ${ms} ms`;
    },
  ),
  fault(
    "clock drift",
    2,
    ["master", "masters", "agent", "tenant"],
    (dice) => ({ ms: dice.between(MINUTE, 4 * MINUTE), perMille: dice.between(-50, 50) }),
    (cluster, { place, ms, perMille }) => {
      const clock = processAt(cluster, place)?.clock;
      if (clock === undefined || clock.pace !== 1) return "";
      clock.run(1 + perMille / 1000);
      cluster.world.after(ms, () => clock.run(1));
      return `clock of ${place} runs ${perMille} ‰ fast for ${ms} ms`;
    },
  ),
  common(
    "leap second",
    1,
    () => ({}),
    (cluster) => {
      for (const { clock } of processesOf(cluster)) clock.jump(-1000);
      return "a leap second: all clocks go back by one";
    },
  ),
];
