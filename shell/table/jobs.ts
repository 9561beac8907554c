import { type Argument, type Flag, masterFlag, type Row } from "../core/row.ts";
import type { Command } from "./command.ts";

const job: Argument = { name: "job", about: "a job's id, or a unique beginning of it", offers: "job" };
const file: Argument = {
  name: "file",
  about: "its definition as JSON, in Metronome's or Chronos' words, or - for stdin",
};
const run: Argument = {
  name: "run",
  about: "a run's id, or a unique beginning; not given: the newest",
  optional: true,
};

const dryRun: Flag = { flag: "--dry-run", about: "show when it would run and change nothing", here: true };
const waiting: readonly Flag[] = [
  { flag: "--no-wait", about: "print the run's id and do not follow it" },
  { flag: "--timeout <duration>", about: "follow it at most this long, then exit with 7", is: "span" },
];

function command(row: Omit<Row, "to" | "load">, load: NonNullable<Command["load"]>): Command {
  return { ...row, to: "cron", load };
}

/** What runs on time: jobs, their schedules and runs. */
export const jobRows: readonly Command[] = [
  command(
    {
      path: "job add",
      kind: "write",
      about: "Add a job, by a schedule, after other jobs, or to run by hand",
      more: "A body with a name is one of Chronos, one with an id one of Metronome; `schedules` may stand in it.",
      args: [file],
      flags: [
        { flag: "--replace", about: "when there is a job of that id, this is its new definition", here: true },
        dryRun,
      ],
      examples: [
        { line: "meseta job add backup.json", does: "the job of a file" },
        { line: "meseta job add backup.json --dry-run", does: "its next ten firings, in its own zone" },
      ],
    },
    () => import("../commands/job-add.ts"),
  ),
  command(
    {
      path: "job list",
      kind: "read",
      about: "List the jobs, when they run next, and how they fared",
      examples: [
        { line: "meseta job list", does: "all jobs" },
        { line: "meseta job list --filter state=running -q", does: "those that run now, ids only" },
        { line: "meseta job list --sort next", does: "the next one first" },
      ],
    },
    () => import("../commands/job-list.ts"),
  ),
  command(
    {
      path: "job show",
      kind: "read",
      about: "Show one job: its schedules, what it runs, its last runs",
      args: [job],
      examples: [{ line: "meseta job show quickstart.tick", does: "everything about it" }],
    },
    () => import("../commands/job-show.ts"),
  ),
  command(
    {
      path: "job explain",
      kind: "read",
      about: "Say why a job runs, waits, or does not run",
      args: [job],
      examples: [{ line: "meseta job explain backup", does: "what it waits for, and what would help" }],
    },
    () => import("../commands/job-explain.ts"),
  ),
  command(
    {
      path: "job run",
      kind: "write",
      about: "Run a job now, and follow the run to its end",
      more: "Exits with 0 when the run succeeds and with 1 when it fails. Ctrl-C leaves it alone and ends only the look at it.",
      args: [job],
      flags: [{ flag: "--arguments <text>", about: "put behind the command, for this run", here: true }, ...waiting],
      examples: [
        { line: "meseta job run backup", does: "now, whatever its schedule says" },
        { line: 'meseta job run backup --arguments "--full"', does: "with more behind its command" },
      ],
    },
    () => import("../commands/job-run.ts"),
  ),
  command(
    {
      path: "job stop",
      kind: "destructive",
      about: "End the runs of a job that are under way",
      args: [job, { ...run, about: "a run's id, or a unique beginning; not given: all of them" }],
      examples: [{ line: "meseta job stop backup --yes", does: "all its runs, without asking" }],
    },
    () => import("../commands/job-stop.ts"),
  ),
  command(
    {
      path: "job history",
      kind: "read",
      about: "List the runs of a job, the newest first: when, where, how long, and why they failed",
      args: [job],
      flags: [{ flag: "-n, --lines <number>", about: "so many", is: "count", default: "20", here: true }],
      examples: [
        { line: "meseta job history backup", does: "the last twenty" },
        { line: "meseta job history backup --filter state=failed", does: "of those the ones that failed" },
      ],
    },
    () => import("../commands/job-history.ts"),
  ),
  command(
    {
      path: "job log",
      kind: "stream",
      about: "Print what a run of a job has written",
      args: [job, run],
      flags: [
        { flag: "-f, --follow", about: "stay, and print what is added until the run ends", here: true },
        { flag: "-n, --lines <number>", about: "only this many lines from the end", is: "count", here: true },
        {
          flag: "--file <name>",
          about: "stdout, stderr or another file of its sandbox",
          default: "stdout",
          here: true,
        },
        masterFlag,
      ],
      examples: [
        { line: "meseta job log backup", does: "the newest run's stdout" },
        { line: "meseta job log backup 20260105 --file stderr", does: "an older one's stderr" },
      ],
    },
    () => import("../commands/job-log.ts"),
  ),
  command(
    {
      path: "job pause",
      kind: "write",
      about: "Let nothing start a job but a hand",
      args: [job],
      examples: [{ line: "meseta job pause backup", does: "until it is resumed" }],
    },
    () => import("../commands/job-pause.ts"),
  ),
  command(
    {
      path: "job resume",
      kind: "write",
      about: "Let a paused job's schedules start it again",
      args: [job],
      examples: [{ line: "meseta job resume backup", does: "from its next firing on" }],
    },
    () => import("../commands/job-resume.ts"),
  ),
  command(
    {
      path: "job graph",
      kind: "read",
      about: "Show which jobs follow which",
      flags: [{ flag: "--dot", about: "as Graphviz draws it", here: true }],
      examples: [
        { line: "meseta job graph", does: "as a tree" },
        { line: "meseta job graph --dot > jobs.dot", does: "for Graphviz, which makes a picture of it" },
      ],
    },
    () => import("../commands/job-graph.ts"),
  ),
  command(
    {
      path: "job rm",
      kind: "destructive",
      about: "Remove a job with its history",
      args: [job],
      flags: [{ flag: "--stop", about: "end its runs that are under way", here: true }],
      examples: [{ line: "meseta job rm backup --yes", does: "without asking" }],
    },
    () => import("../commands/job-rm.ts"),
  ),
];
