import { type Details, type Listing, part } from "../listing.ts";

/** Why an app or pod does not (all) run, as init says it. */
export interface Explanation {
  readonly id: string;
  readonly state: string;
  readonly sentences: readonly string[];
  readonly reasons: readonly { readonly reason: string; readonly agents: number; readonly detail: string }[];
}

export function explanationDetails(item: Explanation): Details {
  const reasons: Listing<Explanation["reasons"][number]> = {
    items: item.reasons,
    name: ({ reason }) => reason,
    none: "",
    columns: [
      { title: "REASON", text: ({ reason }) => reason },
      { title: "AGENTS", right: true, text: ({ agents }) => String(agents) },
      { title: "DETAIL", text: ({ detail }) => detail },
    ],
  };
  return {
    item,
    name: item.id,
    lines: [[item.id, item.state, "strong"]],
    parts: [
      () => item.sentences.map((sentence) => `${sentence}\n`).join(""),
      part("Offers that were not used", reasons),
    ],
  };
}
