import { readFileSync } from "node:fs";
import type { Difference } from "./compare.ts";

/** A row of docs/reference/differences.md: what may differ, and where. */
export interface ListedDifference {
  /** Of the recording's name; `*` stands for anything. */
  readonly where: string;
  /** Of the field's path; `*` stands for anything. */
  readonly field: string;
  readonly meseta: string;
  /** It need not show up in every run. */
  readonly isChance: boolean;
  seen: boolean;
}

/** A difference with the recording it was found in. */
export interface Found extends Difference {
  readonly where: string;
}

/** The page is the list that the replay reads: a difference that it does not name fails the test, and so does a row that names none. */
export class DifferencesPage {
  readonly rows: readonly ListedDifference[];

  constructor(text = readFileSync(new URL("../../../docs/reference/differences.md", import.meta.url), "utf8")) {
    this.rows = text.split("\n").flatMap(rowOf);
  }

  /** The differences that no row allows. */
  unlisted(found: readonly Found[]): Found[] {
    return found.filter((difference) => {
      const rows = this.rows.filter((row) => allows(row, difference));
      for (const row of rows) row.seen = true;
      return rows.length === 0;
    });
  }

  /** Rows that nothing needed. */
  unused(): string[] {
    return this.rows.filter(({ seen, isChance }) => !seen && !isChance).map(({ where, field }) => `${where} ${field}`);
  }
}

function rowOf(line: string): ListedDifference[] {
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const [, where, field, , meseta, why] = cells;
  if (cells.length !== 7 || !where?.startsWith("`") || !field?.startsWith("`")) return [];
  const isChance = why!.startsWith("chance");
  return [{ where: where.slice(1, -1), field: field.slice(1, -1), meseta: meseta!, isChance, seen: false }];
}

function allows(row: ListedDifference, found: Found): boolean {
  if (!globOf(row.where).test(found.where) || !globOf(row.field).test(found.field)) return false;
  if (row.meseta === "absent") return found.meseta === undefined;
  if (!/^`[^`]*`$/.test(row.meseta)) return true;
  const text = typeof found.meseta === "string" ? found.meseta : JSON.stringify(found.meseta);
  return globOf(row.meseta.slice(1, -1)).test(text ?? "");
}

function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "s");
}
