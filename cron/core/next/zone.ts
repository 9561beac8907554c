// Time zones. Temporal knows when clocks change; between two changes a zone is an offset, and that is kept, because a firing asks several times.

/** A stretch of time in which the zone's clocks stay as they are: from `fromMs` until before `untilMs` (ms since 1970). */
interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

/** The zone as it is written properly (`europe/berlin` is `Europe/Berlin`); undefined when there is none of this name. Offsets such as `+02:00` are zones. */
export function zoneNamed(name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  const id = named.get(name) ?? askName(name);
  if (id === undefined) return undefined;
  if (named.size >= MOST_ZONES) named.clear();
  named.set(name, id);
  return id;
}

function askName(name: string): string | undefined {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name === "Z" ? "UTC" : name).timeZoneId;
  } catch {
    return undefined;
  }
}

// Temporal takes whole dates for names of zones as well.
const NAME = /^(?:[A-Za-z][A-Za-z0-9_+/-]{0,63}|[+-]\d\d(?::?\d\d)?)$/;

/** What the clocks of the zone show at this instant, as the ms since 1970 at which clocks of UTC show the same. */
export function localOf(zone: string, atMs: number): number {
  return atMs + stretchAt(zone, atMs).offsetMs;
}

/** The first instant at which the zone's clocks show this; when they jump over it, the instant of the jump. */
export function instantOf(zone: string, localMs: number): number {
  if (localMs > LAST_MS) return localMs;
  let stretch = stretchAt(zone, localMs - FARTHEST_MS);
  for (;;) {
    const atMs = localMs - stretch.offsetMs;
    if (atMs < stretch.fromMs) return stretch.fromMs;
    if (atMs < stretch.untilMs) return atMs;
    stretch = stretchAt(zone, stretch.untilMs);
  }
}

/** No zone was ever farther ahead of UTC than this. */
const FARTHEST_MS = 16 * 3_600_000;
/** Temporal ends shortly after this, in the year 275,000; what is later is only compared with what is earlier. */
const LAST_MS = 8.63e15;

// Only a memory of what Temporal says, bounded: nothing that is decided depends on what is in it.
const known = new Map<string, Stretch[]>();
const named = new Map<string, string>();
const MOST_ZONES = 1000;
const MOST_STRETCHES = 8;

function stretchAt(zone: string, atMs: number): Stretch {
  const stretches = known.get(zone) ?? remember(zone);
  for (const stretch of stretches) if (stretch.fromMs <= atMs && atMs < stretch.untilMs) return stretch;
  const found = ask(zone, atMs);
  if (stretches.length >= MOST_STRETCHES) stretches.length = 0;
  stretches.push(found);
  return found;
}

function remember(zone: string): Stretch[] {
  if (known.size >= MOST_ZONES) known.clear();
  const stretches: Stretch[] = [];
  known.set(zone, stretches);
  return stretches;
}

function ask(zone: string, atMs: number): Stretch {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
  return {
    // A change at this very instant begins the stretch.
    fromMs:
      at.add({ milliseconds: 1 }).getTimeZoneTransition("previous")?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    untilMs: at.getTimeZoneTransition("next")?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: at.offsetNanoseconds / 1_000_000,
  };
}
