import type { Tone } from "../core/failure.ts";

/** Where a command prints and asks. Data goes to `out`; progress, hints and errors to `err`. */
export interface Terminal {
  out(text: string | Uint8Array): void;
  err(text: string | Uint8Array): void;
  /** Columns, or undefined when stdout is no terminal: then nothing is cut. */
  readonly width: number | undefined;
  /** Whether stdout can be drawn over. */
  readonly live: boolean;
  paint(text: string, tone: Tone | undefined, to?: "out" | "err"): string;
  /** Asks on the terminal; undefined when nobody can answer. */
  ask(question: string): Promise<string | undefined>;
}

const CODES: Readonly<Record<Tone, string>> = {
  good: "32",
  busy: "34",
  warn: "33",
  bad: "31",
  lost: "35",
  dim: "90",
  strong: "1",
};

/** The process' own terminal. NO_COLOR, CI and TERM=dumb leave out colour and redrawing, as does a pipe. */
export function createTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const { stdout, stderr, stdin } = process;
  const plain = Boolean(env["NO_COLOR"] || env["CI"]) || env["TERM"] === "dumb";
  for (const stream of [stdout, stderr]) stream.on("error", endOnBrokenPipe);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    // Windows change their size, and some terminals do not say theirs: 0.
    get width() {
      return (stdout.isTTY && stdout.columns) || undefined;
    },
    live: Boolean(stdout.isTTY) && !plain,
    paint(text, tone, to = "out") {
      const isTty = to === "out" ? stdout.isTTY : stderr.isTTY;
      return tone && isTty && !plain ? `\x1b[${CODES[tone]}m${text}\x1b[0m` : text;
    },
    async ask(question) {
      if (!stdin.isTTY || !stderr.isTTY) return undefined;
      const { createInterface } = await import("node:readline/promises");
      const lines = createInterface({ input: stdin, output: stderr });
      const answer = await lines.question(question);
      lines.close();
      return answer;
    },
  };
}

// `meseta task list | head -1`: whoever reads has had enough, which is no failure.
function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
