/** What is answered instead of what was asked for: one sentence for the asker, saying what is wrong with it. */
export interface Refusal {
  readonly message: string;
}

export function refuse(message: string): Refusal {
  return { message };
}

/** Tells a refusal from the list or the text that a function returns when all is well. */
export function isRefusal(outcome: object | string | undefined): outcome is Refusal {
  return typeof outcome === "object" && !Array.isArray(outcome) && "message" in outcome;
}
