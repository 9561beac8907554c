import { statfsSync } from "node:fs";
import { ImageFailed } from "./failure.ts";

/** Throws ImageFailed when less than `keepFree` (0 to 1) of the disk below `folder` would be free after `more` bytes. */
export function checkDisk(folder: string, keepFree: number, more = 0): void {
  const { blocks, bavail, bsize } = statfsSync(folder);
  if (bavail * bsize - more >= blocks * bsize * keepFree) return;
  const percent = Math.round(keepFree * 100);
  throw new ImageFailed(
    `the disk of ${folder} would be left with less than ${percent} % free; remove images (PRUNE_IMAGES) or give it more room`,
  );
}

/** The part of the disk below `folder` that is free, 0 to 1. */
export function freePart(folder: string): number {
  const { blocks, bavail } = statfsSync(folder);
  return bavail / blocks;
}
