// Every read command makes one of two things: a listing of like objects, or the details of one. Both keep the API's own
// objects for JSON beside the words for people.
import type { Tone } from "./failure.ts";
import { plain, plainLines } from "./plain.ts";
import { layOut } from "./table.ts";
import { asText, at, fillTemplate } from "./template.ts";
import { toYaml } from "./yaml.ts";

export interface Column<T> {
  readonly title: string;
  readonly text: (item: T) => string;
  /** What it is sorted by where the text would sort wrongly. */
  readonly key?: (item: T) => number | string;
  readonly right?: boolean;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
  readonly tone?: (item: T) => Tone | undefined;
}

export interface Listing<T> {
  readonly items: readonly T[];
  readonly columns: readonly Column<T>[];
  /** The word that other commands take for it. */
  readonly name: (item: T) => string;
  /** Further names that `--filter` knows: a node's attributes. */
  readonly extra?: (item: T, key: string) => string | undefined;
  /** Said on stderr when there is none: what that means, and what to do. */
  readonly none: string;
}

export interface OutputForm {
  /** "table", "wide", "json", "yaml", "name", or a template. */
  readonly form: string;
  readonly header: boolean;
  readonly width?: number | undefined;
  readonly paint: (text: string, tone: Tone | undefined) => string;
}

export interface Selection {
  readonly filters: readonly string[];
  readonly sort?: string | undefined;
}

/** The items that fit all filters, in the order asked for. An unknown column is an error with the known ones. */
export function select<T>(listing: Listing<T>, selection: Selection): readonly T[] | { readonly unknown: string } {
  let items = listing.items;
  for (const filter of selection.filters) {
    const parts = /^([^=!]+)(!?=)(.*)$/.exec(filter);
    if (!parts) return { unknown: filter };
    const pattern = glob(parts[3]!);
    const wanted = parts[2] === "=";
    items = items.filter(
      (item) => filterValues(listing, item, parts[1]!).some((text) => pattern.test(text)) === wanted,
    );
  }
  return selection.sort === undefined ? items : sorted(listing, items, selection.sort);
}

function sorted<T>(
  listing: Listing<T>,
  items: readonly T[],
  sort: string,
): readonly T[] | { readonly unknown: string } {
  const title = sort.replace(/^-/, "").toLowerCase();
  const column = listing.columns.find((each) => each.title.toLowerCase() === title);
  if (!column) return { unknown: title };
  const direction = sort.startsWith("-") ? -1 : 1;
  const key = column.key ?? column.text;
  return items.toSorted((a, b) => direction * compare(key(a), key(b)));
}

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
}

// A key may mean a column, whose text counts without its mark, a path into the object, or what the listing knows besides.
function filterValues<T>(listing: Listing<T>, item: T, key: string): string[] {
  const column = listing.columns.find((each) => each.title.toLowerCase() === key.toLowerCase());
  const word = column?.text(item).replace(/^[●◐✗○] /, "");
  return [word, listing.extra?.(item, key), asText(at(item, key))].filter((text) => text !== undefined);
}

/** A pattern in which `*` fits anything; case does not matter. */
export function glob(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i");
}

/** The listing in one of the forms; ends with a line feed unless it is empty. */
export function render<T>(listing: Listing<T>, items: readonly T[], output: OutputForm): string {
  switch (output.form) {
    case "json":
      return `${JSON.stringify(items, null, 2)}\n`;
    case "yaml":
      return toYaml(items);
    case "name":
      return lines(items.map(listing.name));
    case "table":
    case "wide":
      return items.length === 0 ? "" : table(listing, items, output);
    default:
      return lines(items.map((item) => fillTemplate(output.form, item)));
  }
}

function table<T>(listing: Listing<T>, items: readonly T[], output: OutputForm): string {
  const columns = listing.columns.filter((column) => !column.wide || output.form === "wide");
  const rows = items.map((item) => columns.map((column) => plain(column.text(item))));
  const paint = (text: string, column: number, row: number): string =>
    output.paint(text, row < 0 ? "dim" : columns[column]!.tone?.(items[row]!));
  const width = output.form === "wide" ? undefined : output.width;
  return lines(layOut(columns, rows, { header: output.header, width, paint }));
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

/** One object: labelled lines for people, and listings below them. */
export interface Details {
  readonly item: unknown;
  readonly name: string;
  /** Lines without a value are left out. */
  readonly lines: readonly (readonly [label: string, text: string | undefined, tone?: Tone])[];
  readonly parts?: readonly Part[];
}

/** A listing below the lines of an object; nothing when it is empty. */
export type Part = (output: OutputForm) => string;

export function part<T>(heading: string, listing: Listing<T>): Part {
  return (output) => {
    if (listing.items.length === 0) return "";
    return `\n${output.paint(heading, "strong")}\n${render(listing, listing.items, output)}`;
  };
}

export function renderDetails(details: Details, output: OutputForm): string {
  switch (output.form) {
    case "json":
      return `${JSON.stringify(details.item, null, 2)}\n`;
    case "yaml":
      return toYaml(details.item);
    case "name":
      return `${details.name}\n`;
    case "table":
    case "wide":
      return describe(details, output);
    default:
      return `${fillTemplate(output.form, details.item)}\n`;
  }
}

function describe(details: Details, output: OutputForm): string {
  const shown = details.lines.filter(([, text]) => text !== undefined && text !== "");
  const width = Math.max(0, ...shown.map(([label]) => label.length)) + 2;
  const head = shown.map(
    ([label, text, tone]) => output.paint(label.padEnd(width), "dim") + output.paint(plainLines(text!), tone),
  );
  return lines(head) + (details.parts ?? []).map((each) => each(output)).join("");
}
