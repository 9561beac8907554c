import type { MetronomeRead } from "./metronome.ts";
import { metronomeRefusal } from "./refusal.ts";

const EMBEDS = ["activeRuns", "schedules", "history", "historySummary"] as const;

/** What an answer holds beside a job's definition. */
export type Embed = (typeof EMBEDS)[number];

/** The values of the query's `embed`, each of which may hold several with commas between. */
export function readEmbeds(values: readonly string[]): MetronomeRead<ReadonlySet<Embed>> {
  const words = values.flatMap((value) => value.split(",")).map((word) => word.trim());
  const unknown = words.filter((word) => !isEmbed(word));
  if (unknown.length === 0) return { value: new Set(words.filter(isEmbed)) };
  const message = `Unknown embed: ${unknown.join(", ")}. Valid ones are: ${EMBEDS.join(", ")}.`;
  return metronomeRefusal(400, { message });
}

function isEmbed(word: string): word is Embed {
  return (EMBEDS as readonly string[]).includes(word);
}
