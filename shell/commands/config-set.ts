import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import { Failure } from "../core/failure.ts";
import { withSetting } from "../core/setting.ts";
import { strangeSetting } from "../core/strange-setting.ts";
import { type Invocation, word } from "../invocation.ts";
import { settingsFiles } from "../io/settings.ts";
import { allRows } from "../table/all.ts";

export async function run(invocation: Invocation): Promise<number> {
  const [name, value] = [word(invocation, "name"), word(invocation, "value")];
  if (!/^[a-z][\w-]*(\.[a-z][\w-]*)?$/i.test(name) || /[\n\r]/.test(value))
    throw new Failure("usage", {
      message: `${name} is no setting`,
      why: "settings have the names of flags: master, run.cpus; and hints",
    });
  const file = settingsFiles().at(-1)!;
  const outcome = withSetting(textOf(file), name, value);
  if ("error" in outcome) throw new Failure("bad-file", { file, why: outcome.error });
  mkdirSync(dirname(file), { recursive: true });
  writeFileDurably(file, outcome.text);
  invocation.terminal.err(`${name} is ${value} in ${file} · see all: meseta config explain\n`);
  const strange = strangeSetting(name, allRows);
  if (strange !== undefined) invocation.terminal.err(`Nobody may ever look at it: ${strange}\n`);
  return 0;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
