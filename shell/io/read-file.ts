import { readFileSync } from "node:fs";
import { Failure } from "../core/failure.ts";

/** The bytes of a file that a flag or an argument of `command` names, or of stdin for `-`. Throws a Failure that says what is wrong with it. */
export function readNamed(file: string, command: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new Failure("bad-file", { file: fileName(file), why: fileProblem(error as Error), command });
  }
}

/** What a file is called in a sentence: `-` is stdin. */
export function fileName(file: string): string {
  return file === "-" ? "on stdin" : file;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not open it",
  EPERM: "this user may not open it",
  ENOSPC: "the disk is full",
  EROFS: "it is on a disk that can only be read",
};

/** What the system refused, in words. */
export function fileProblem(error: NodeJS.ErrnoException): string {
  return PROBLEMS[error.code ?? ""] ?? error.message;
}
