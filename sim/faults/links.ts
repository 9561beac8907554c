import { common, type FaultKind, fault, mostlyShort } from "./fault.ts";

const MINUTE = 60_000;
const WAYS = ["cut off", "cut off", "cannot be heard", "hears nothing"];

/** Partitions of both ways or one, that come and go; connections that break; a network that is late; calls that come twice. */
export const LINK_FAULTS: readonly FaultKind[] = [
  fault(
    "partition",
    6,
    ["agent", "scheduler", "tenant"],
    (dice) => ({ ms: mostlyShort(dice, 30_000, [MINUTE, 4 * MINUTE]), way: dice.random.below(WAYS.length) }),
    ({ world, network }, { place, ms, way }) => {
      if (network.isPartitioned(place, "master")) return "";
      if (way !== 3) network.block(place, "master");
      if (way !== 2) network.block("master", place);
      world.after(ms, () => network.heal(place, "master"));
      return `${place} ${WAYS[way]} for ${ms} ms`;
    },
  ),
  fault(
    "flapping",
    2,
    ["agent", "scheduler", "tenant"],
    (dice) => ({ times: dice.between(2, 12), ms: dice.between(50, 10_000) }),
    ({ world, network }, { place, times, ms }) => {
      if (network.isPartitioned(place, "master")) return "";
      for (let time = 0; time < times; time++) {
        world.after(2 * time * ms, () => network.partition(place, "master"));
        world.after((2 * time + 1) * ms, () => network.heal(place, "master"));
      }
      return `${place} cut off ${times} times, for ${ms} ms and with as much between`;
    },
  ),
  fault(
    "disconnect",
    4,
    ["agent", "scheduler", "tenant"],
    (dice) => ({ messages: dice.between(1, 20) }),
    ({ network }, { place, messages }) => {
      network.dropAfter(place, messages);
      return `the connections of ${place} break after ${messages} messages`;
    },
  ),
  common(
    "slow network",
    2,
    (dice) => ({ ms: dice.between(1_000, 30_000), lateMs: dice.between(100, 3_000) }),
    ({ world, network: { weather } }, { ms, lateMs }) => {
      if (weather.maxDelayMs > lateMs) return "";
      weather.maxDelayMs = lateMs;
      world.after(ms, () => (weather.maxDelayMs = USUAL_MS));
      return `network slow for ${ms} ms: messages are up to ${lateMs} ms late`;
    },
  ),
  common(
    "calls twice",
    2,
    (dice) => ({ ms: dice.between(1_000, MINUTE), percent: dice.between(10, 100) }),
    ({ world, network: { weather } }, { ms, percent }) => {
      if (weather.twicePercent > 0) return "";
      weather.twicePercent = percent;
      world.after(ms, () => (weather.twicePercent = 0));
      return `${percent} % of calls are made twice for ${ms} ms`;
    },
  ),
];

const USUAL_MS = 20;
