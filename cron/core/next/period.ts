import { Unreadable } from "./parsed.ts";

/** An ISO 8601 duration. Months and days are the calendar's; the rest is elapsed time. Years are twelve months, weeks seven days. */
export interface Period {
  readonly text: string;
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

const PATTERN = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d{1,9})?)S)?)?$/i;
const EXAMPLE = "Write such as PT10M for ten minutes, P1D for a day, P1W for a week, P1M for a month or P1DT12H.";
const MOST_DAYS = 3_652_425;

/** Reads a period; one shorter than a second, or longer than ten thousand years, is refused. */
export function readPeriod(text: string): Period {
  const found = PATTERN.exec(text);
  if (!found || /[PT]$/i.test(text)) throw new Unreadable(`period: "${text}" is no ISO 8601 duration. ${EXAMPLE}`);
  const [years, months, weeks, days] = found.slice(1, 5).map((part) => Number(part ?? 0)) as Four;
  const [hours, minutes, seconds] = found.slice(6, 9).map((part) => Number(part?.replace(",", ".") ?? 0)) as Three;
  const period = {
    text: text.toUpperCase(),
    months: years * 12 + months,
    days: weeks * 7 + days,
    ms: Math.floor((hours * 3600 + minutes * 60) * 1000 + Math.floor(seconds * 1_000_000) / 1000),
  };
  checkLength(period);
  return period;
}

type Four = [number, number, number, number];
type Three = [number, number, number];

function checkLength({ text, months, days, ms }: Period): void {
  if (months === 0 && days === 0 && ms < 1000)
    throw new Unreadable(`period: ${text} is shorter than a second. ${EXAMPLE}`);
  if (months * 30.436875 + days + ms / 86_400_000 > MOST_DAYS)
    throw new Unreadable(`period: ${text} is longer than ten thousand years. ${EXAMPLE}`);
}
