// How long ago, how long, and how much: the forms that tables use and that flags accept.

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** A span in its largest whole unit, as in "3m"; below ten of a unit the next one follows: "1h20m". Unknown is "-". */
export function span(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return "-";
  if (ms < 1000) return "0s";
  const index = UNITS.findIndex(([, size]) => ms >= size);
  const [letter, size] = UNITS[index]!;
  const count = Math.floor(ms / size);
  const next = UNITS[index + 1];
  const rest = next && count < 10 && letter !== "m" ? Math.floor((ms % size) / next[1]) : 0;
  return `${count}${letter}${next && rest > 0 ? `${rest}${next[0]}` : ""}`;
}

/** As `span`, but to the hundredth of a second below ten seconds: for what one waits for. */
export function fineSpan(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 10) / 100}s` : span(ms);
}

/** The time since an instant in milliseconds; instants in the future, by clocks that differ, are "0s" ago. */
export function since(atMs: number | undefined, nowMs: number): string {
  return span(atMs === undefined ? undefined : Math.max(0, nowMs - atMs));
}

const FACTORS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  h: 3_600_000,
  hrs: 3_600_000,
  d: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  weeks: 604_800_000,
};

/** Milliseconds of "90", "90s", "1.5m", "1h30m" or Mesos' "10mins"; a bare number is seconds. Undefined when it is none. */
export function parseSpan(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/gy)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return undefined;
  let total = 0;
  for (const [, count, unit] of parts) {
    const factor = Object.hasOwn(FACTORS, unit!) ? FACTORS[unit!]! : Number.NaN;
    total += Number(count) * factor;
  }
  return Number.isNaN(total) ? undefined : total;
}

/** An instant as ISO 8601 in UTC, from whole milliseconds since 1970 (civil-from-days, H. Hinnant). */
export function iso(atMs: number): string {
  const days = Math.floor(atMs / 86_400_000);
  const ms = atMs - days * 86_400_000;
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${clock.map((part) => pad(part, 2)).join(":")}Z`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
