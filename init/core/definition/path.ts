import { mustMatch } from "@meseta/api/json-body/read.ts";
import { INIT_BOUNDS } from "../bounds.ts";

/** A longer path is refused; so no tree of groups is deeper than 512, and nothing that walks one needs to fear for its stack. */
export const MAX_PATH_LENGTH = INIT_BOUNDS.pathLength.most;

const SEGMENT = /^([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(\.([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*$/;
const RESERVED = ["restart", "tasks", "versions", ".", ".."];

/**
 * The absolute path that `id` names when it stands in the group `base`: `c` in `/a/b` is `/a/b/c`, `../c` is `/a/c`, `/c` is `/c`. Slashes that are
 * doubled or at the end do not count; `..` above the root stays at the root.
 */
export function resolvePath(id: string, base = "/"): string {
  const path: string[] = id.startsWith("/") ? [] : segmentsOf(base);
  for (const segment of segmentsOf(id)) {
    if (segment === "..") path.pop();
    else if (segment !== ".") path.push(segment);
  }
  return `/${path.join("/")}`;
}

/** What is wrong with an id as a user wrote it, relative or absolute; undefined when it is valid. Source: Marathon's `PathId` rules. */
export function pathError(id: string): string | undefined {
  if (id.length > MAX_PATH_LENGTH) return `must not be longer than ${MAX_PATH_LENGTH} characters`;
  const segments = segmentsOf(id);
  if (segments.some((segment) => segment !== "." && segment !== ".." && !SEGMENT.test(segment)))
    return mustMatch(SEGMENT);
  if (!RESERVED.includes(segments.at(-1) ?? "")) return undefined;
  return `must not end with any of the following reserved keywords: ${RESERVED.join(", ")}`;
}

/** `/a/b` of `/a/b/c`, `/` of `/a` and of `/`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** All groups above a path, the root first: of `/a/b/c` `/`, `/a`, `/a/b`. */
export function ancestorsOf(path: string): string[] {
  const segments = segmentsOf(path);
  return segments.map((_, depth) => `/${segments.slice(0, depth).join("/")}`);
}

/** Whether `path` is `group` or stands somewhere below it. */
export function isWithin(path: string, group: string): boolean {
  return group === "/" || path === group || path.startsWith(`${group}/`);
}

/** `a` of `/a/b/c`; of the root the empty text. */
export function topOf(path: string): string {
  return segmentsOf(path)[0] ?? "";
}

/** The name of a path's tasks, for DNS: `/a/b` is `b.a`. */
export function taskNameOf(path: string): string {
  return segmentsOf(path).reverse().join(".");
}

export function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
