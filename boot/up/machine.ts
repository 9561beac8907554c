import { statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** What this machine can give, in the units of Mesos: whole cpus, MiB of memory and disk, ports. */
export interface Machine {
  cpus: number;
  memMiB: number;
  diskMiB: number;
  ports: { begin: number; end: number };
}

/** The ports that Mesos offers when it is told nothing, and the first cluster of a machine does. */
export const USUAL_BLOCK = { begin: 31_000, end: 32_000 };

const MIB = 1024 * 1024;

/**
 * Detects the machine as a Mesos agent does when it is told nothing: all cpus; memory but 1 GiB (half below 2 GiB); the
 * disk of `folder` but 5 GiB (half below 10 GiB); ports 31000 to 32000, if no others were chosen.
 */
export function detectMachine(folder: string, ports: Machine["ports"] = USUAL_BLOCK): Machine {
  const disk = statfsSync(folder);
  return {
    cpus: availableParallelism(),
    memMiB: keepBack(Math.floor(totalmem() / MIB), 1024),
    diskMiB: keepBack(Math.floor((disk.bsize * disk.blocks) / MIB), 5 * 1024),
    ports,
  };
}

function keepBack(all: number, reserve: number): number {
  return all < 2 * reserve ? Math.floor(all / 2) : all - reserve;
}

/** The resources text of agent number `index` (from 0) when `machine` is divided among `count` agents: equal parts, disjoint ports. */
export function shareOf(machine: Machine, index: number, count: number): string {
  const cpus = Math.floor((machine.cpus * 1000) / count) / 1000;
  return `cpus:${cpus};mem:${Math.floor(machine.memMiB / count)};disk:${Math.floor(machine.diskMiB / count)};ports:[${slice(machine.ports, index, count)}]`;
}

function slice({ begin, end }: Machine["ports"], index: number, count: number): string {
  const size = end - begin + 1;
  const first = begin + Math.floor((size * index) / count);
  const last = begin + Math.floor((size * (index + 1)) / count) - 1;
  return `${first}-${last}`;
}
