import { nearest } from "@meseta/lib/core/nearest.ts";
import type { Fields, Kind } from "./field.ts";
import { isObject, type Json } from "./read.ts";

/** A key of a body that nothing reads, as Marathon and Chronos take such in silence, and the key that was probably meant. */
export interface LeftAside {
  /** `/container/volums`. */
  readonly path: string;
  readonly meant: string;
}

/** The header by which an answer tells it. */
export const LEFT_ASIDE = "Meseta-Left-Aside";

/** More are not told, nor so many looked up; nor is a longer key. */
const MOST_TOLD = 10;
const MOST_LOOKED_UP = 100;
const LONGEST_KEY = 64;

/** Keys of JSON of this kind that are no fields of it, and nearly the names of fields that are not given. `silent`: keys that are known and not read. */
export function leftAside(kind: Kind, json: unknown, silent: ReadonlySet<string> = new Set()): LeftAside[] {
  const look: Look = { silent, found: [], left: MOST_LOOKED_UP };
  lookAt(kind, json, "", look);
  return look.found;
}

/** The same in a header of the answer, where there is any. */
export function tellLeftAside<T extends { readonly headers?: Readonly<Record<string, string>> | undefined }>(
  answer: T,
  found: readonly LeftAside[],
): T {
  if (found.length === 0) return answer;
  return { ...answer, headers: { ...answer.headers, [LEFT_ASIDE]: asciiOf(JSON.stringify(found)) } };
}

/** What the header of an answer says; nothing where it cannot be read. */
export function readLeftAside(text: string | undefined): LeftAside[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter(isLeftAside) : [];
  } catch {
    return [];
  }
}

/** A sentence for people. */
export function leftAsideText({ path, meant }: LeftAside): string {
  return `"${path.slice(1).replaceAll("/", ".")}" was left aside: did you mean "${meant}"?`;
}

interface Look {
  readonly silent: ReadonlySet<string>;
  readonly found: LeftAside[];
  left: number;
}

function lookAt(kind: Kind, json: unknown, path: string, look: Look): void {
  switch (kind.kind) {
    case "object":
      return isObject(json) ? lookInto(kind.fields, json, path, look) : undefined;
    case "list":
      if (Array.isArray(json)) for (const [at, item] of json.entries()) lookAt(kind.of, item, `${path}(${at})`, look);
      return;
    case "map":
      if (isObject(json)) for (const [key, item] of Object.entries(json)) lookAt(kind.of, item, `${path}/${key}`, look);
      return;
    case "textOr":
      return lookAt(typeof json === "string" ? kind.text : kind.other, json, path, look);
    case "text":
    case "number":
    case "bool":
    case "choice":
    case "json":
    case "unread":
      return;
  }
}

function lookInto(fields: Fields, json: Json, path: string, look: Look): void {
  for (const [key, value] of Object.entries(json)) {
    if (Object.hasOwn(fields, key)) lookAt(fields[key]!.of, value, `${path}/${key}`, look);
    else lookUp(fields, json, key, path, look);
  }
}

function lookUp(fields: Fields, json: Json, key: string, path: string, look: Look): void {
  if (look.silent.has(key) || key.length > LONGEST_KEY || look.found.length >= MOST_TOLD || look.left-- <= 0) return;
  const missing = Object.keys(fields).filter((name) => !Object.hasOwn(json, name));
  const meant = nearest(key, missing);
  if (meant !== undefined) look.found.push({ path: `${path}/${key}`, meant });
}

function isLeftAside(one: unknown): one is LeftAside {
  return isObject(one) && typeof one["path"] === "string" && typeof one["meant"] === "string";
}

// Headers are ASCII.
function asciiOf(text: string): string {
  return text.replaceAll(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
