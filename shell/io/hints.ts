import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { hintFor } from "../core/hints.ts";
import type { Invocation } from "../invocation.ts";
import { ownLookUp } from "./settings.ts";

/**
 * Prints a command's hint on stderr when it is time for one, and remembers that in the user's cache. Not in pipes and not beside output
 * for programs; a cache that cannot be written means no hint, because it would come each time.
 */
export function hint({ row, flags, terminal }: Invocation, nowMs: number, env: NodeJS.ProcessEnv = process.env): void {
  if (!terminal.live || flags.on("json") || flags.on("quiet")) return;
  if (!["table", "wide", undefined].includes(flags.text("output"))) return;
  const setting = ownLookUp()(row, "hints")?.value;
  if (/^(off|false|no|0)$/i.test(String(setting))) return;
  const file = stateFile(env);
  const text = hintFor(row.path, lastShown(file), nowMs);
  if (text === undefined || !remember(file, nowMs)) return;
  terminal.err(`${terminal.paint(`hint: ${text} · no more hints: meseta config set hints off`, "dim", "err")}\n`);
}

function stateFile(env: NodeJS.ProcessEnv): string {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "meseta", "hint-shown");
}

function lastShown(file: string): number | undefined {
  try {
    const ms = Number(readFileSync(file, "utf8"));
    return Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}

function remember(file: string, nowMs: number): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, String(nowMs));
    return true;
  } catch {
    return false;
  }
}
