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

/** The refusal with words in front of its sentence; undefined stays undefined. */
export function because(words: string, refusal: Refusal | undefined): Refusal | undefined {
  return refusal === undefined ? undefined : refuse(`${words}${refusal.message}`);
}

/** The first refusal that a check of the items gives, in their order. */
export function firstRefusal<T>(
  items: Iterable<T> | undefined,
  check: (item: T, index: number) => Refusal | undefined,
): Refusal | undefined {
  let index = 0;
  for (const item of items ?? []) {
    const refusal = check(item, index++);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
