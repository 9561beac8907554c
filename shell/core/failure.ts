import { type ErrorCode, type Problem, problem } from "@meseta/api/errors.ts";

/** Thrown by commands for what goes wrong in front of a user; main.ts prints it in the form that all errors have. */
export class Failure extends Error {
  override name = "Failure";
  readonly problem: Problem;
  /** The address of the component that refused, which serves the page about it. */
  readonly from: string | undefined;

  /** The process' exit code; the problem's own unless the command has codes of its own. */
  exit: number;

  constructor(code: ErrorCode, values: Readonly<Record<string, string | number>> = {}, from?: string) {
    const found = problem(code, values);
    super(found.message);
    this.problem = found;
    this.from = from;
    this.exit = found.exit;
  }

  withExit(exit: number): this {
    this.exit = exit;
    return this;
  }
}

/** The lines of an error: what and its code, why, what to try, where to read more. Colourless; `paint` adds tones. */
export function problemLines(found: Problem, from?: string, width = 80, paint: Paint = (text) => text): string[] {
  const code = `code: ${found.code}`;
  const head = `✗ ${found.message}`;
  const gap = " ".repeat(Math.max(2, width - head.length - code.length));
  const docs = from ? `${from}/docs/errors/${found.code}` : `meseta help ${found.code}`;
  const lines = [`${paint(head, "bad")}${gap}${paint(code, "dim")}`];
  if (found.why !== "") lines.push(`  ${paint("why", "dim")}   ${found.why}`);
  if (found.try.length > 0) lines.push(`  ${paint("try", "dim")}   ${found.try.join("        ")}`);
  return [...lines, `  ${paint("docs", "dim")}  ${docs}`];
}

export type Paint = (text: string, tone: Tone) => string;

/** What a colour means; the same in every command. */
export type Tone = "good" | "busy" | "warn" | "bad" | "lost" | "dim" | "strong";
