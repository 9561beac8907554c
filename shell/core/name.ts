// Finds what a user means by a word: an id, the end of an id ("S0", "0003"), a name, or a unique beginning of these.

export interface Named<T> {
  readonly item: T;
  readonly id: string;
  /** Other words for it: a host name, a framework's name. They need not be unique. */
  readonly names?: readonly string[];
}

export interface Match<T> {
  readonly found?: T;
  /** The ids of all that fit, where that is not exactly one. */
  readonly candidates: readonly string[];
}

/**
 * Whole ids come first, then whole names and the last part of ids, then unique beginnings of all of these. The first
 * step that fits anything decides; if it fits several, they are the candidates. No fit: no candidates.
 */
export function match<T>(things: readonly Named<T>[], word: string): Match<T> {
  const steps: ((thing: Named<T>) => boolean)[] = [
    ({ id }) => id === word,
    ({ id, names = [] }) => lastPart(id) === word || names.includes(word),
    ({ id, names = [] }) => [id, lastPart(id), ...names].some((each) => each.startsWith(word)),
  ];
  if (word === "") return { candidates: [] };
  for (const fits of steps) {
    const hits = things.filter(fits);
    if (hits.length === 1) return { found: hits[0]!.item, candidates: [] };
    if (hits.length > 1) return { candidates: hits.map(({ id }) => id) };
  }
  return { candidates: [] };
}

/** The part of a Mesos id that tells it from its siblings: "S0" of "<master's uuid>-S0", "0003" of "<uuid>-0003". */
export function lastPart(id: string): string {
  const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(.+)$/.exec(id);
  return uuid ? uuid[1]! : id;
}

/** The ids as short as they can be while no two look alike: last parts, or whole ids where last parts collide. */
export function shorten(ids: readonly string[]): (id: string) => string {
  const counts = new Map<string, number>();
  for (const id of new Set(ids)) counts.set(lastPart(id), (counts.get(lastPart(id)) ?? 0) + 1);
  return (id) => ((counts.get(lastPart(id)) ?? 0) > 1 ? id : lastPart(id));
}
