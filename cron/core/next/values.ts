import { Unreadable } from "./parsed.ts";

/** One field of a cron expression: its name for messages, what numbers it takes, and the words that stand for some of them. */
export interface FieldRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
  /** What to write, for messages. */
  readonly example: string;
  /** Whether a range may go over the end, as Friday to Monday does. */
  readonly isRound?: true;
}

/** The numbers that one item of a list names: `*`, `5`, `1-5`, `MON-FRI`, and each with a step: `1-30/5`, `5/15` (from 5 to the end). Refuses what is none. */
export function valuesOf(item: string, field: FieldRange): number[] {
  const [range, step, ...more] = item.split("/");
  if (more.length > 0) wrong(field, `"${item}" has more than one step`);
  const by = step === undefined ? 1 : stepOf(step, field);
  const [from, to] = boundsOf(range!, field, step !== undefined);
  const all = from <= to ? count(from, to) : [...count(from, field.max), ...count(field.min, to)];
  return all.filter((_, index) => index % by === 0);
}

/** The number that a word or digits name, within the field. */
export function numberOf(text: string, field: FieldRange): number {
  const index = field.words?.indexOf(text.toUpperCase()) ?? -1;
  if (index >= 0) return field.min + index;
  if (!/^\d{1,4}$/.test(text)) wrong(field, text === "" ? "a number is missing" : `"${text}" is ${what(field)}`);
  const number = Number(text);
  if (number < field.min || number > field.max) wrong(field, `${text} is not from ${field.min} to ${field.max}`);
  return number;
}

/** Refuses the field: what is wrong, then what to write. */
export function wrong(field: FieldRange, problem: string): never {
  throw new Unreadable(`${field.name}: ${problem}. Write ${field.example}.`);
}

function what({ words }: FieldRange): string {
  return words === undefined ? "no number" : `neither a number nor one of ${words.join(", ")}`;
}

function stepOf(step: string, field: FieldRange): number {
  const isStep = /^\d{1,4}$/.test(step) && Number(step) >= 1;
  if (!isStep) wrong(field, `a step must be a number of at least 1, not "${step}"`);
  if (Number(step) > field.max - field.min + 1) wrong(field, `a step of ${step} is longer than the field`);
  return Number(step);
}

function boundsOf(range: string, field: FieldRange, isStepped: boolean): [number, number] {
  if (range === "*") return [field.min, field.max];
  const [first, last, ...more] = range.split("-");
  if (more.length > 0) wrong(field, `"${range}" is no range`);
  const from = numberOf(first!, field);
  if (last === undefined) return [from, isStepped ? field.max : from];
  const to = numberOf(last, field);
  if (from > to && !field.isRound) {
    wrong(
      field,
      `the range ${range} ends before it begins; write two, such as ${first}-${field.max},${field.min}-${last}`,
    );
  }
  return [from, to];
}

function count(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
