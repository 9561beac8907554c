import type { FrameworkProcess } from "../world/framework.ts";

/** What a story tells, at the time at which it happens. */
export type Say = (what: string) => void;

export type Settings = ReadonlyMap<string, string>;

/** One command, `VERB NAME … setting=value …`. Returns what is told at once; what happens later is told then. */
export type Verb = (settings: Settings, ...names: string[]) => readonly string[] | Promise<readonly string[]>;

/** Commands that belong together, by their verbs. */
export type Verbs = Readonly<Record<string, Verb>>;

/** Commands of which nothing is told but what happens. What one returns is waited for. */
export type Deeds = Readonly<Record<string, (settings: Settings, ...names: string[]) => unknown>>;

/** The part of a story that a framework of the house plays: what its users want, and what it tells of that. */
export interface Chapter {
  readonly framework: FrameworkProcess;
  readonly verbs: Verbs;
  /** One of its tasks by a name that can be remembered; others as they are called. */
  nameOf(taskId: string): string;
}
