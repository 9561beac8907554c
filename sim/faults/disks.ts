import { createRandom } from "@meseta/lib/core/random.ts";
import type { Disk } from "../world/disk.ts";
import type { World } from "../world/world.ts";
import { type FaultKind, fault, type Parts, processAt, type Who } from "./fault.ts";

const EVERYBODY: readonly Who[] = ["master", "agent", "tenant"];
const MS = (dice: World) => ({ ms: dice.between(100, 20_000) });

/** A disk without room, slow, of which one write fails and has happened or not, that cannot be read, and one that gives back something else than it was given. */
export const DISK_FAULTS: readonly FaultKind[] = [
  onDisk("disk full", 2, MS, (disk, { ms }, later) => {
    if (disk.full) return "";
    disk.full = true;
    later(ms, () => (disk.full = false));
    return `full for ${ms} ms`;
  }),
  onDisk(
    "disk slow",
    2,
    (dice) => ({ ...MS(dice), commitMs: dice.between(100, 3_000) }),
    (disk, { ms, commitMs }, later) => {
      const usualMs = disk.slownessMs;
      if (usualMs > USUAL_MS) return "";
      disk.slownessMs = commitMs;
      later(ms, () => (disk.slownessMs = usualMs));
      return `slow for ${ms} ms: commits take up to ${commitMs} ms`;
    },
  ),
  onDisk(
    "write fails",
    3,
    (dice) => ({ writes: dice.chance(80) ? 1 : dice.between(2, 4) }),
    (disk, { writes }) => {
      if (disk.failures > 0) return "";
      disk.failures = writes;
      return `fails at ${writes} writes`;
    },
  ),
  onDisk("read fails", 1, MS, (disk, { ms }, later) => {
    if (disk.unreadable) return "";
    disk.unreadable = true;
    later(ms, () => (disk.unreadable = false));
    return `cannot be read for ${ms} ms`;
  }),
  // Who finds it must not go on with what it has read, nor without. After a while somebody brings the record back from a copy.
  onDisk(
    "record damaged",
    1,
    (dice) => ({ ms: dice.between(1_000, 60_000), seed: dice.random.below(0x7fffffff) }),
    (disk, { ms, seed }, later) => {
      const keys = [...disk.records.records.keys()];
      if (disk.damaged !== undefined || keys.length === 0) return "";
      disk.damaged = keys[createRandom(seed).below(keys.length)];
      const what = `has a damaged record, ${disk.damaged}, for ${ms} ms`;
      later(ms, () => (disk.damaged = undefined));
      return what;
    },
  ),
];

const USUAL_MS = 4;

function onDisk<P extends Parts>(
  name: string,
  weight: number,
  draw: (dice: World) => P,
  happen: (disk: Disk, parts: P, later: (ms: number, heal: () => void) => void) => string,
): FaultKind {
  return fault(name, weight, EVERYBODY, draw, (cluster, parts) => {
    const process = processAt(cluster, parts.place);
    const disk = process?.isOnEtcd ? undefined : process?.disk;
    const what = disk && happen(disk, parts, (ms, heal) => cluster.world.after(ms, heal));
    return what ? `disk of ${parts.place} ${what}` : "";
  });
}
