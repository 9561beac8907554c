/**
 * What people discover late, said once a day after a command that went well. By the command's path. They are no data and no news: only
 * who sits at a terminal sees them, and `meseta config set hints off` ends them.
 */
export const HINTS: Readonly<Record<string, string>> = {
  events: "`meseta events -f` stays and prints what happens from now on",
  "framework explain": "`-o json` has all reasons, filters and holders for programs",
  "framework list": "`meseta framework explain NAME` says why a framework gets no offers",
  "node drain": "`meseta node activate NODE` puts it back into service",
  "node list": "`meseta node list -w` stays and follows; `meseta node show NODE` has all of one",
  "quota list": "`meseta framework explain NAME` says what a quota keeps from a framework",
  run: "`meseta run --help` has instances, ports, groups; `meseta task log ID` prints old output",
  status: "`meseta events -f` prints what happens",
  "task list": "`meseta task list --all` has those that are over; `-w` stays and follows",
  "task log": "`-f` follows the output as `tail -f` does",
  "task show": "`meseta explain TaskStatus` tells what its fields mean",
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** The hint of a command, when the last one was shown a day ago or longer. `lastMs`: when that was, in milliseconds since 1970. */
export function hintFor(path: string, lastMs: number | undefined, nowMs: number): string | undefined {
  // A clock that was set back must not silence them for ever.
  if (lastMs !== undefined && lastMs <= nowMs && nowMs - lastMs < DAY_MS) return undefined;
  return HINTS[path];
}
