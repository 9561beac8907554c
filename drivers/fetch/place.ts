import { lstatSync, mkdirSync, readdirSync, renameSync, type Stats } from "node:fs";

/** Throws unless every folder above `name` in the sandbox is a folder and not a link; makes those that are missing. Returns the whole path. */
export function preparePlace(sandbox: string, name: string): string {
  const parts = name.split("/");
  let folder = sandbox;
  for (const part of parts.slice(0, -1)) {
    folder += `/${part}`;
    const found = look(folder);
    if (found === undefined) mkdirSync(folder);
    else if (!found.isDirectory()) throw new Error(`'${name}' leads through '${part}', which is no folder`);
  }
  const place = `${folder}/${parts.at(-1)}`;
  if (look(place)?.isDirectory()) throw new Error(`'${name}' is a folder in the sandbox`);
  return place;
}

/** Moves all that is in `from` into another folder: folders into those of the same name, files over others, nothing through a link. */
export function settle(from: string, into: string): void {
  for (const name of readdirSync(from)) {
    const [source, target] = [`${from}/${name}`, `${into}/${name}`];
    const [moved, there] = [look(source)!, look(target)];
    if (moved.isDirectory() && there?.isDirectory()) settle(source, target);
    else if (there !== undefined && moved.isDirectory() !== there.isDirectory())
      throw new Error(`its '${name}' meets another kind of file in the sandbox`);
    else renameSync(source, target);
  }
}

/** What is there, not following a link; undefined when nothing is. */
export function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
