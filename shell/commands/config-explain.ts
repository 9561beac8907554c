import { existsSync } from "node:fs";
import { allFlags, flagName } from "../core/row.ts";
import { strangeSetting } from "../core/strange-setting.ts";
import { layOut } from "../core/table.ts";
import type { Invocation } from "../invocation.ts";
import { ownLookUp, settingsFiles, settingsInFiles } from "../io/settings.ts";
import { allRows } from "../table/all.ts";

/** Settings that only one command has are listed under its name, when they are set at all. */
export async function run({ terminal }: Invocation): Promise<number> {
  const lookUp = ownLookUp();
  const rows: string[][] = [];
  const seen = new Set<string>();
  for (const row of allRows) {
    for (const flag of allFlags(row)) {
      const name = flagName(flag);
      const found = flag.here ? undefined : lookUp(row, name);
      const shared = ["master", "output", "json", "quiet", "header"].includes(name);
      const label = shared ? name : `${row.path.replaceAll(" ", "-")}.${name}`;
      if (seen.has(label) || (!found && !(shared && flag.default !== undefined))) continue;
      seen.add(label);
      rows.push([label, String(found?.value ?? flag.default), found?.from ?? "default"]);
    }
  }
  const headings = [{ title: "SETTING" }, { title: "VALUE" }, { title: "FROM" }];
  const lines = layOut(headings, rows, { header: true, width: terminal.width });
  terminal.out(`${lines.join("\n")}\n`);
  const files = settingsFiles().map((file) => `${file}${existsSync(file) ? "" : " (not there)"}`);
  terminal.err(`Looked at: the environment (MESETA_…), ${files.join(", ")}\n`);
  for (const { name, file } of settingsInFiles()) {
    const strange = strangeSetting(name, allRows);
    if (strange !== undefined) terminal.err(`${name} of ${file} is strange: ${strange}\n`);
  }
  return 0;
}
