import type { DryRun } from "@meseta/api/metronome/history.ts";

/** When a job would run: for each schedule its words, and its next firings as clocks of its zone show them. */
export function dryRunLines({ schedules }: DryRun<unknown>): string[] {
  if (schedules.length === 0) return ["No schedule starts it: it runs after its parents, or by hand."];
  return schedules.flatMap(({ id, words, firings }) => [
    `${schedules.length > 1 ? `${id}: ` : ""}${words}`,
    ...(firings.length === 0
      ? ["  It never runs."]
      : firings.map((firing) => `  ${firing.replace("T", "  ").replace(/\.000/, "")}`)),
  ]);
}
