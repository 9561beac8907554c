import type { Row } from "./core/row.ts";
import type { Flags } from "./flags.ts";
import type { Terminal } from "./io/terminal.ts";

/** One command line, understood: what a command gets. */
export interface Invocation {
  readonly row: Row;
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly flags: Flags;
  readonly terminal: Terminal;
}

/** The value of an argument that must be there. */
export function word(invocation: Invocation, name: string): string {
  return String(invocation.args[name]);
}

/** The values of the argument that takes all words. */
export function words(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.args[name];
  return Array.isArray(value) ? value : [];
}
