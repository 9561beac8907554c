import { readFileSync } from "node:fs";

/** KiB. */
export interface Memory {
  /** Pages that only this process has: what would be free if it ended. Private_Clean + Private_Dirty of smaps_rollup. */
  private: number;
  /** Of those the ones that are no file's: Private_Dirty. */
  dirty: number;
  /** Shared pages by the share of each process. */
  pss: number;
  rss: number;
}

export function memoryOf(...pids: number[]): Memory {
  const sum = { private: 0, dirty: 0, pss: 0, rss: 0 };
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    sum.dirty += field("Private_Dirty");
    sum.private += field("Private_Clean") + field("Private_Dirty");
    sum.pss += field("Pss");
    sum.rss += field("Rss");
  }
  return sum;
}
