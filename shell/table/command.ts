import type { Row } from "../core/row.ts";
import type { Invocation } from "../invocation.ts";

/** The code of one command: a file in commands/, loaded when the command is run. */
export interface CommandModule {
  /** Does it and gives the exit code; what goes wrong in front of the user is thrown as a Failure. */
  run(invocation: Invocation): Promise<number>;
}

export type Command = Row<CommandModule>;
