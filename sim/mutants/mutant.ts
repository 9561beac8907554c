/** A bug of one line, planted into the source of the product, as somebody could write it. A simulator that does not notice it is blind there. */
export interface Mutant {
  /** Its name, for `--only`. */
  readonly id: string;
  /** Bugs of Mesos, Marathon or Chronos that were like it; a class of them where none has a number. */
  readonly like: string;
  /** What is wrong with it, in a sentence. */
  readonly what: string;
  /** Below the root of the repository. */
  readonly file: string;
  /** Stands there exactly once, in one line, */
  readonly find: string;
  /** and this is there instead. */
  readonly replace: string;
  /** The kind of history that must notice it; unless said, any. */
  readonly by?: HistoryKind;
}

/** Any history, as `npm run sim` has them; one of those with several masters; one of those that end with a contest; one with an init, or with a cron, or one of these in which agents are away for long; or one of Jepsen's jobs. */
export type HistoryKind = "any" | "masters" | "contest" | "init" | "cron" | "init-losses" | "cron-losses" | "jobs";

/** The source with the bug in it. Throws when the line is not there, or not once. */
export function planted(source: string, { id, file, find, replace }: Mutant): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${id}: ${file} has ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}
