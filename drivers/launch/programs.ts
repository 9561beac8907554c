/** A short program that a driver needs run: a network plugin, an unpacker. It never runs from the agent's own heap. */
export interface Program {
  /** The executable's absolute path, or a name in PATH. */
  readonly file: string;
  /** Without the name. */
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads on stdin; absent: nothing. */
  readonly input?: string;
  /** Killed whole after this; absent: 60 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Waitpid's number, and what it printed: at most 1 MiB of each. */
export interface ProgramResult {
  readonly waitStatus: number | "lost";
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs programs one beside the other. Rejects only when one could not be started, was aborted, or took too long; never leaves one behind. */
export interface Programs {
  run(program: Program): Promise<ProgramResult>;
}
