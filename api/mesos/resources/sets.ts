type Items = readonly string[];

/** The union, each item once, those of `a` first. */
export function addSets(a: Items, b: Items): Items {
  return [...new Set([...a, ...b])];
}

/** What is in `a` and not in `b`, each item once. */
export function subtractSets(a: Items, b: Items): Items {
  const gone = new Set(b);
  return [...new Set(a)].filter((item) => !gone.has(item));
}

/** Whether every item of `b` is in `a`. */
export function containsSets(a: Items, b: Items): boolean {
  const whole = new Set(a);
  return b.every((item) => whole.has(item));
}

/** How many different items there are. */
export function countSets(items: Items): number {
  return new Set(items).size;
}

export function equalSets(a: Items, b: Items): boolean {
  return containsSets(a, b) && containsSets(b, a);
}
