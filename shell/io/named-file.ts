import { readFileSync } from "node:fs";
import { Failure } from "../core/failure.ts";

/** The bytes of a file that a flag of `command` names. Throws a Failure that says what is wrong with it. */
export function readNamed(file: string, command: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure("bad-file", { file, why: (error as Error).message, command });
  }
}
