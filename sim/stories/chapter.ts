import type { FrameworkProcess } from "../world/framework.ts";

/** What a story tells, at the time at which it happens. */
export type Say = (what: string) => void;

export type Settings = ReadonlyMap<string, string>;

/** Returns what is told at once; what happens later is told then. */
export type Verb = (name: string, settings: Settings) => readonly string[] | Promise<readonly string[]>;

/** The part of a story that a framework of the house plays: what its users want, and what it tells of that. */
export interface Chapter {
  readonly framework: FrameworkProcess;
  /** The commands that are its own: `VERB NAME setting=value …`. What one returns is told at once. */
  readonly verbs: Readonly<Record<string, Verb>>;
  /** One of its tasks by a name that can be remembered; others as they are called. */
  nameOf(taskId: string): string;
}
