import type { JobExplanation } from "@meseta/api/metronome/history.ts";
import type { Invocation } from "../invocation.ts";
import { jobIdOf, pathOf, showOfCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return showOfCron(invocation, async (cron) => {
    const item = await cron.get<JobExplanation>(pathOf(await jobIdOf(cron, invocation), "/explain"));
    return {
      item,
      name: item.id,
      lines: [[item.id, item.state, "strong"]],
      parts: [() => item.sentences.map((sentence) => `${sentence}\n`).join("")],
    };
  });
}
