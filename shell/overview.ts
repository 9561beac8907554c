import type { Row } from "./core/row.ts";
import { allRows, nouns } from "./table/all.ts";

/** The first page of help, or that of one noun. */
export function overview(noun?: string): string {
  return noun === undefined ? firstPage() : nounPage(noun);
}

const STARTING: readonly string[] = ["up", "down", "master", "agent", "init", "cron"];

function firstPage(): string {
  const shown = allRows.filter((row) => !row.hidden);
  const single = shown.filter((row) => !row.path.includes(" "));
  const groups = [
    { heading: "Turn it on and off", rows: single.filter((row) => STARTING.includes(row.path)) },
    { heading: "Every day", rows: single.filter((row) => !STARTING.includes(row.path)) },
    { heading: "Things (each has verbs: meseta NOUN --help)", rows: Object.entries(nouns).map(asRow) },
  ];
  return page("meseta <command> [flags]", "Meseta: many machines, one computer.", groups);
}

function asRow([path, about]: [string, string]): Pick<Row, "path" | "about"> {
  return { path, about };
}

function nounPage(noun: string): string {
  const rows = allRows.filter((row) => row.path.startsWith(`${noun} `));
  return page(`meseta ${noun} <verb> [flags]`, `About ${(nouns[noun] ?? noun).replace(/ …$/, " and more")}.`, [
    { heading: "Verbs", rows },
  ]);
}

interface Group {
  readonly heading: string;
  readonly rows: readonly Pick<Row, "path" | "about">[];
}

function page(usage: string, about: string, groups: readonly Group[]): string {
  const longest = Math.max(...groups.flatMap(({ rows }) => rows.map(({ path }) => path.length)));
  const lines = [`Usage: ${usage}`, "", about];
  for (const { heading, rows } of groups) {
    lines.push("", `${heading}:`);
    for (const row of rows) lines.push(`  ${row.path.padEnd(longest + 2)}${row.about}`);
  }
  const last = "`meseta COMMAND --help` shows flags and examples; `meseta help exit-codes` what the numbers mean.";
  return `${lines.join("\n")}\n\n${last}\n`;
}
