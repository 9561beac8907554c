// Writes docs/reference/commands.md: every command with its help, from the tables that make the command line itself.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AGENT } from "@meseta/boot/commands/agent.ts";
import { CRON } from "@meseta/boot/commands/cron.ts";
import { DOWN } from "@meseta/boot/commands/down.ts";
import { INIT } from "@meseta/boot/commands/init.ts";
import { MASTER } from "@meseta/boot/commands/master.ts";
import { UP } from "@meseta/boot/commands/up.ts";
import { helpOf } from "@meseta/boot/flags.ts";
import { helpText } from "@meseta/shell/parse.ts";
import { allRows } from "@meseta/shell/table/all.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const boot = { up: UP, down: DOWN, master: MASTER, agent: AGENT, init: INIT, cron: CRON } as const;

/** The whole page. */
export function commandsMarkdown(): string {
  const head = "# Commands\n\nMade by `node tools/commands.ts`; every page is what `meseta COMMAND --help` prints.\n";
  const shown = allRows.filter((row) => !row.hidden);
  const index = shown.map(({ path, about }) => `- [\`${path}\`](#${path.replaceAll(" ", "-")}): ${about}\n`).join("");
  return `${head}\n${index}${shown.map((row) => section(row.path, helpOfRow(row))).join("")}`;
}

function helpOfRow(row: (typeof allRows)[number]): string {
  const daemon = boot[row.path as keyof typeof boot] as (typeof boot)[keyof typeof boot] | undefined;
  return daemon ? helpOf(daemon).replaceAll(root, "") : helpText(row); // Defaults within this clone are told from its root.
}

function section(path: string, help: string): string {
  return `\n## ${path}\n\n\`\`\`\n${help.trimEnd()}\n\`\`\`\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL("../docs/reference/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("commands.md", folder), commandsMarkdown());
}
