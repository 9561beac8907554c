import { byteLength, LONGEST_ID_BYTES } from "@meseta/api/mesos/resources/ids.ts";
import type { JobRun } from "../run.ts";

/**
 * `ct:<due ms>:<number of the launch>:<job>:<arguments>`, without what an id may not have. No two tasks of a cron have the same: a job's runs are due at different instants, and
 * where a job's name is too long to be there as a whole, a number made of all of it is. Source: Chronos' task ids.
 */
export function taskIdOf({ dueMs, launches, job, arguments: words }: JobRun): string {
  const start = `ct:${dueMs}:${launches}:`;
  const name = byteLength(job) <= LONGEST_NAME_BYTES ? job : `${cut(job, LONGEST_NAME_BYTES - 9)}-${numberOf(job)}`;
  return cut(`${start}${name}:${words.replaceAll(FORBIDDEN, "")}`, LONGEST_ID_BYTES);
}

const LONGEST_NAME_BYTES = 200;

// The first two separate commands, and were never part of Chronos' ids; ids become names of folders.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is left out
const FORBIDDEN = /[;>/\\\u0000-\u001f\u007f]/g;

/** The longest beginning that has so many bytes in UTF-8, in whole characters. */
function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || byteLength(text) <= bytes) return text;
  let kept = "";
  for (const character of text) {
    bytes -= byteLength(character);
    if (bytes < 0) break;
    kept += character;
  }
  return kept;
}

/** Eight digits that two names have in common once in four thousand million times (FNV-1a). */
function numberOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
