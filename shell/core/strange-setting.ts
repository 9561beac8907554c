import { nearest } from "@meseta/lib/core/nearest.ts";
import { allFlags, flagName, type Row } from "./row.ts";

/**
 * What is strange about the name of a setting, as a sentence; undefined when a command has such a flag. Parts of the system have flags that
 * are not known here, so nothing is refused for it.
 */
export function strangeSetting(name: string, rows: readonly Row[]): string | undefined {
  const dot = name.indexOf(".");
  return dot < 0 ? strangeFlag(name, rows) : strangeBelow(name.slice(0, dot), name.slice(dot + 1), rows);
}

function strangeFlag(name: string, rows: readonly Row[]): string | undefined {
  const known = new Set([...rows.flatMap(settable), "hints"]);
  if (known.has(name)) return undefined;
  const meant = nearest(name, known);
  const parts = rows.filter(({ kind }) => kind === "boot").map(({ path }) => path);
  return meant === undefined
    ? `no command has a flag --${name}, unless it starts a part: ${parts.join(", ")}`
    : `no command has a flag --${name}: did you mean ${meant}?`;
}

function strangeBelow(section: string, name: string, rows: readonly Row[]): string | undefined {
  const row = rows.find(({ path }) => sectionOf(path) === section);
  if (row?.kind === "boot") return undefined;
  const known = row === undefined ? rows.map(({ path }) => sectionOf(path)) : settable(row);
  if (row !== undefined && known.includes(name)) return undefined;
  const [what, meant] =
    row === undefined
      ? [`there is no command ${section}`, nearest(section, known)]
      : [`${row.path} has no flag --${name}`, nearest(name, known)];
  return meant === undefined ? what : `${what}: did you mean ${meant}?`;
}

const sectionOf = (path: string): string => path.replaceAll(" ", "-");

function settable(row: Row): string[] {
  return allFlags(row)
    .filter(({ here }) => !here)
    .map(flagName);
}
