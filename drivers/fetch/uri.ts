import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";
import type { Step } from "./order.ts";

/** A URI without its password, for logs and messages. */
export function shown(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

function isHttp(uri: string): boolean {
  return /^https?:\/\//i.test(uri);
}

/**
 * Where a URI leads. `home` is the folder of relative paths (Mesos' frameworks_home). Throws a sentence for what nobody can fetch.
 */
export function sourceOf(uri: string, home: string | undefined): Exclude<Step["from"], { cached: string }> {
  if (/[\0\n\r]/.test(uri)) throw new Error("it has a line break or a NUL in it");
  if (isHttp(uri)) {
    if (!URL.canParse(uri)) throw new Error("it is no URL");
    return { url: uri };
  }
  if (uri.startsWith("file://")) return { path: pathOf(uri.slice("file://".length)) };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1];
  if (scheme !== undefined) throw new Error(`${scheme}:// is not supported: only file, http and https are`);
  if (uri.startsWith("/")) return { path: uri };
  if (home === undefined) throw new Error("a relative path needs the agent's setting --frameworks-home");
  return { path: `${home}/${uri}` };
}

/** The name of its file in the sandbox: `output_file`, or else the last part of the URI. Throws a sentence for a name that cannot be. */
export function nameOf({ value, output_file }: CommandInfoURI): string {
  const name = output_file ?? lastPart(value);
  const parts = name.split("/");
  if (name === "" || parts.at(-1) === "" || parts.at(-1) === ".") throw new Error("it does not name a file");
  if (name.startsWith("/") || parts.includes("..") || name.includes("\0"))
    throw new Error(`its output_file '${name}' leads out of the sandbox`);
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}

function lastPart(uri: string): string {
  const path = isHttp(uri) ? uri.replace(/[?#].*$/, "").replace(/^https?:\/\/[^/]*/i, "") : uri;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === ".." ? "" : name;
}

function pathOf(rest: string): string {
  const path = rest.replace(/^localhost\//, "/");
  if (!path.startsWith("/")) throw new Error("a file:// URI names an absolute path, and no other machine");
  return path;
}
