// I3: a task is started once. Each task writes down its own id when it begins. Pure.
import type { TaskLine } from "../history.ts";

export interface StartFindings {
  readonly problems: string[];
  readonly started: number;
}

export function checkStarts(lines: readonly TaskLine[]): StartFindings {
  const starts = lines.filter(({ what }) => what === "start");
  const byId = Map.groupBy(starts, ({ taskId }) => taskId);
  const problems = [...byId].flatMap(([taskId, own]) =>
    own.length === 1 ? [] : [`I3: ${taskId} was started ${own.map(({ at, pid }) => `at ${at} as ${pid}`).join(", ")}`],
  );
  return { problems, started: starts.length };
}
