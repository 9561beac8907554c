import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "@meseta/shell/core/failure.ts";

/** Of folders above: other parts, and tasks of other users, have theirs in them as well. */
const ABOVE = 0o711;

/**
 * Makes the folder of `--dir` with this mode, and those above it that are missing. Step by step, because Node's own recursion never ends where the
 * system says of a folder that is there that it is not, as /proc does.
 */
export function makeFolder(dir: string, mode: number): void {
  try {
    make(dir, mode);
  } catch (error) {
    throw new Failure("bad-setting", { name: "dir", why: `"${dir}" cannot be made: ${(error as Error).message}` });
  }
}

function make(dir: string, mode: number): void {
  if (tried(dir, mode) !== "ENOENT") return;
  if (dirname(dir) !== dir) make(dirname(dir), ABOVE);
  if (tried(dir, mode) === "ENOENT") throw new Error("nothing can be made there");
}

/** The first folder on the way to this one that not everybody may enter; undefined when there is none. */
export function closedFolder(dir: string): string | undefined {
  const above = dirname(dir) === dir ? undefined : closedFolder(dirname(dir));
  return above ?? ((statSync(dir).mode & 0o001) === 0 ? dir : undefined);
}

// A folder that is there is as good as one that was made; what else is in the way is told by whoever uses it.
function tried(dir: string, mode: number): "made" | "ENOENT" {
  try {
    mkdirSync(dir, { mode });
    return "made";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return "made";
    if (code === "ENOENT") return "ENOENT";
    throw error;
  }
}
