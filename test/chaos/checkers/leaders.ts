// I6: one leads at a time. Each answer that only a leader gives names the leadership that gave it. Pure.
import type { Entry } from "../history.ts";

type Answer = Entry & { readonly type: "leads" };

export interface LeaderFindings {
  readonly problems: string[];
  readonly leaderships: number;
}

/** Wrong is who answers what was asked after another one has answered what was asked after its own answers: then both led at once. */
export function checkLeaders(history: readonly Entry[]): LeaderFindings {
  const answers = history.filter((entry): entry is Answer => entry.type === "leads");
  const terms = Map.groupBy(answers, ({ id }) => id);
  const problems: string[] = [];
  for (const [id, own] of terms) {
    const first = Math.min(...own.map(({ at }) => at));
    const last = own.reduce((latest, one) => (one.calledAt > latest.calledAt ? one : latest));
    const between = answers.find((one) => one.id !== id && one.calledAt > first && one.at < last.calledAt);
    if (between !== undefined)
      problems.push(
        `I6: ${last.from} (${id}) answers as the leader what was asked at ${last.calledAt}, and ${between.from} (${between.id}) had answered as such at ${between.at}`,
      );
  }
  return { problems, leaderships: terms.size };
}
