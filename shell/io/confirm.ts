import { Failure } from "../core/failure.ts";
import type { Invocation } from "../invocation.ts";

export interface Question {
  /** What is about to happen, as in "End framework web with 3 tasks". */
  readonly what: string;
  /** To be typed when more than one thing dies; without it a y is enough. */
  readonly name?: string | undefined;
}

/** Goes on after a yes, from `--yes` or from the keyboard; otherwise throws. Without a terminal there is nobody to ask. */
export async function confirm(invocation: Invocation, { what, name }: Question): Promise<void> {
  if (invocation.flags.on("yes")) return;
  const again = `meseta ${invocation.row.path} … --yes`;
  const question = name === undefined ? `${what}? [y/N] ` : `${what}.\nType ${name} to go on: `;
  const answer = await invocation.terminal.ask(question);
  if (answer === undefined) {
    throw new Failure("confirm-first", { what, why: "there is no terminal on which to ask", again });
  }
  const agreed = name === undefined ? /^y(es)?$/i.test(answer.trim()) : answer.trim() === name;
  if (!agreed) throw new Failure("confirm-first", { what, why: "the answer was no; nothing was done", again });
}
