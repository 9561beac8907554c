import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { parseSettings } from "../core/yaml.ts";
import type { LookUp } from "../flags.ts";

/** A value and the place that it came from. */
export interface Setting {
  readonly value: string | readonly string[];
  /** "command line", "MESETA_CPUS", a file's name, or "default". */
  readonly from: string;
}

/** Where settings are looked for besides the command line, in this order: the environment, then the files that exist. */
export function createLookUp(env: NodeJS.ProcessEnv = process.env, files = settingsFiles(env)): LookUp {
  let loaded: [string, ReadonlyMap<string, string>][] | undefined;
  return (row, name) => {
    const variable = `MESETA_${name.toUpperCase().replaceAll("-", "_")}`;
    const fromEnv = env[variable];
    if (fromEnv !== undefined && fromEnv !== "") return { value: fromEnv, from: variable };
    loaded ??= files.map(load).filter((each) => each !== undefined);
    const section = row.path.replaceAll(" ", "-");
    for (const [file, values] of loaded) {
      const value = values.get(`${section}.${name}`) ?? values.get(name);
      if (value !== undefined) return { value, from: file };
    }
    return undefined;
  };
}

export function settingsFiles(env: NodeJS.ProcessEnv = process.env): string[] {
  const home = env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
  return ["meseta.yaml", join(home, "meseta", "config.yaml")];
}

function load(file: string): [string, ReadonlyMap<string, string>] | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const parsed = parseSettings(text);
  if ("error" in parsed) throw new Failure("bad-file", { file, why: parsed.error });
  return [file, parsed.values];
}
