// The command line. boot/main.ts hands everything over to it that is not a part of the system itself.
import { Failure, problemLines } from "./core/failure.ts";
import { route } from "./core/route.ts";
import { createFlags } from "./flags.ts";
import { ownLookUp } from "./io/settings.ts";
import { createTerminal, type Terminal } from "./io/terminal.ts";
import { allRows } from "./table/all.ts";
import type { Command } from "./table/command.ts";

/**
 * Runs one command line (without the program's name) and gives the exit code: 0 done, 1 failed, 2 wrong usage, 4 not
 * found, 5 not allowed, 6 conflict, 7 timed out, 8 cluster unreachable, 130 interrupted; `run` has the task's own.
 */
export async function runShell(argv: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    return report(error, argv, terminal);
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
  const found = route(argv, allRows);
  switch (found.type) {
    case "command":
      return runCommand(found.row, found.rest, terminal);
    case "overview": {
      const { overview } = await import("./overview.ts");
      terminal.out(overview(found.noun));
      return 0;
    }
    case "unknown": {
      const why = found.suggestion ? `did you mean \`${found.suggestion}\`?` : "`meseta help` lists all commands";
      const help = `meseta ${found.suggestion ?? ""} --help`.replace("  ", " ");
      throw new Failure("unknown-word", { word: found.words, why, help });
    }
  }
}

async function runCommand(row: Command, words: readonly string[], terminal: Terminal): Promise<number> {
  const { parse } = await import("./parse.ts");
  const parsed = parse(row, words, Math.min(terminal.width ?? 80, 100));
  if ("help" in parsed) {
    terminal.out(parsed.help);
    return 0;
  }
  if (!row.load) throw new Failure("usage", { message: `\`${row.path}\` is started by bin/meseta`, why: "" });
  const load = row.load;
  return withHelp(row, async () => {
    const flags = createFlags(row, parsed.given, ownLookUp());
    const { run } = await load();
    const invocation = { row, args: parsed.args, flags, terminal };
    const code = await run(invocation);
    if (code === 0 && terminal.live) (await import("./io/hints.ts")).hint(invocation, Date.now());
    return code;
  });
}

// Whoever used a command wrongly is pointed to its help, also when the command itself found out.
async function withHelp(row: Command, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Failure) || error.problem.code !== "usage" || error.problem.try.length > 0) throw error;
    const { message, why } = error.problem;
    throw new Failure("usage", { message, why, help: `meseta ${row.path} --help` });
  }
}

/** Prints what went wrong in the form that all errors have, and gives the exit code. */
export async function report(error: unknown, argv: readonly string[], terminal: Terminal): Promise<number> {
  const { asFailure } = await import("./as-failure.ts");
  const { problem, from, exit } = asFailure(error, argv);
  const lines = problemLines(problem, from, terminal.width ?? 80, (text, tone) => terminal.paint(text, tone, "err"));
  terminal.err(`${lines.join("\n")}\n`);
  if (process.env["MESETA_TRACE"] && error instanceof Error) terminal.err(`${error.stack}\n`);
  return exit;
}
