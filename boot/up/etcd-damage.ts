import { existsSync, readFileSync, statSync } from "node:fs";
import type { EtcdMember } from "./etcd.ts";
import { damagedFrame } from "./etcd-log.ts";

/** Lets one ask later what of its records a member has ended with since now; undefined when it has not, or for another reason. */
export function watchEnds({ part: { logFile }, folder }: EtcdMember): () => string | undefined {
  const from = existsSync(logFile) ? statSync(logFile).size : 0;
  return () => {
    const words = fatalWords(readFileSync(logFile).subarray(from).toString());
    if (words === undefined || OF_THE_MACHINE.test(words)) return undefined;
    const place = damagedFrame(folder);
    return place === undefined ? words : `${words}, in ${place.file} at byte ${place.byte}`;
  };
}

/** What keeps a member from working, and would keep a new one as well. */
const OF_THE_MACHINE =
  /no space left|disk quota|address already in use|cannot assign|permission denied|not permitted|too many open files|allocate memory|out of memory|read-only file system|input\/output error|flag provided|permanently removed/i;

/** What a log says that ended its process, if anything: a panic of Go's runtime, or the last line of etcd's own, in either of its forms. */
function fatalWords(log: string): string | undefined {
  for (const line of log.split("\n")) {
    const words = /^(?:panic|fatal error): (.*)$/.exec(line)?.[1] ?? / C \| \w+: (.*)$/.exec(line)?.[1];
    if (words !== undefined) return words;
    if (!/^\{"level":"(fatal|panic)"/.test(line)) continue;
    const { msg, error } = JSON.parse(line) as { msg?: string; error?: string };
    return [msg, error].filter(Boolean).join(": ");
  }
  return undefined;
}
