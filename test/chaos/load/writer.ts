import type { History, Outcome, Value } from "../history.ts";

let writes = 0;

/** Carries out one write of a key, and writes down that it was asked for and how it ended. */
export async function noted(
  history: History,
  key: string,
  value: Value,
  write: () => Promise<{ readonly outcome: Outcome; readonly why: string }>,
): Promise<Outcome> {
  const id = ++writes;
  history.note({ type: "write", id, key, value });
  const { outcome, why } = await write();
  history.note({ type: "written", id, outcome, why });
  return outcome;
}
