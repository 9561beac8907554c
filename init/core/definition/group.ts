import { objectBody } from "@meseta/api/json-body/body.ts";
import { bool, type Fields, list, optional, real, text, unread } from "@meseta/api/json-body/field.ts";
import { type Outcome, outcomeOf, type Problem, refuse, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { type Json, readObject } from "@meseta/api/json-body/read.ts";
import type { App } from "@meseta/api/marathon/app.ts";
import type { Group, Tree } from "@meseta/api/marathon/group.ts";
import { INIT_BOUNDS } from "../bounds.ts";
import { readApp } from "./app.ts";
import type { Change } from "./edit.ts";
import { parentOf, pathError, resolvePath } from "./path.ts";
import { below } from "./rule.ts";
import type { Settings } from "./settings.ts";
import { isPod, scaledTo } from "./spec.ts";
import * as spec from "./spec-fields.ts";
import { dependencyProblems } from "./spec-rules.ts";
import { parseTimestamp } from "./version.ts";

/** What a body asks of a group: its content, an older version of it, or other numbers of instances. */
export type GroupUpdate =
  | { readonly changes: readonly Change[]; readonly id: string }
  | { readonly rollbackTo: string }
  | { readonly scaleBy: number };

export interface GroupReading {
  readonly settings: Settings;
  readonly tree: Tree;
  /** The group that the URL names; the root unless said. For a new group under it, its id stands in the body. */
  readonly id?: string;
}

/** What a group may have; what is in it is read one by one. */
export const GROUP_FIELDS: Fields = {
  id: optional(spec.word),
  apps: optional(list(unread)),
  groups: optional(list(unread)),
  dependencies: optional(list(spec.word)),
  enforceRole: optional(bool),
  version: optional(text()),
  scaleBy: optional(real(0)),
};

/**
 * What PUT or POST asks of a group. A key left out keeps what is there; a given `apps` or `groups` becomes the whole set; groups in it follow the same
 * rule; pods stay. Groups may be as deep as paths may be long: the reader keeps its own stack.
 */
export function readGroupUpdate(body: unknown, reading: GroupReading): Outcome<GroupUpdate> {
  const object = objectBody(body);
  if ("refusal" in object) return object;
  const problems: Problem[] = [];
  const given = readObject(GROUP_FIELDS, body, "", problems);
  if (problems.length > 0) return outcomeOf(undefined as never, problems);
  if (given["version"] !== undefined || given["scaleBy"] !== undefined) return alone(given);
  return content(given, reading);
}

/** The changes that give each app and pod in the group ceil(n × factor) instances. */
export function scaleBy(tree: Tree, group: string, factor: number): Change[] {
  const prefix = group === "/" ? "/" : `${group}/`;
  return [...tree.apps.values(), ...tree.pods.values()]
    .filter(({ id }) => id.startsWith(prefix))
    .map((service): Change => {
      const count = isPod(service) ? service.scaling.instances : service.instances;
      const scaled = scaledTo(service, Math.ceil(Math.round(count * factor * 1e9) / 1e9));
      return isPod(scaled) ? { put: "pod", draft: scaled } : { put: "app", draft: scaled };
    });
}

/** The changes that bring a group back to what it was in an older tree. */
export function restoreGroup(older: Tree, group: string): Change[] {
  const prefix = group === "/" ? "/" : `${group}/`;
  const isIn = ({ id }: { id: string }) => id === group || id.startsWith(prefix);
  return [
    { put: "no group", id: group },
    ...[...older.groups.values()].filter(isIn).map(({ version: _, ...one }): Change => ({ put: "group", group: one })),
    ...[...older.apps.values()].filter(isIn).map((draft): Change => ({ put: "app", draft })),
    ...[...older.pods.values()].filter(isIn).map((draft): Change => ({ put: "pod", draft })),
  ];
}

/** The body of PATCH: what it says of enforceRole, undefined when it says nothing. */
export function readGroupPatch(body: unknown): Outcome<{ readonly enforceRole: boolean }> {
  const problems: Problem[] = [];
  const given = readObject({ enforceRole: { of: bool, isRequired: true } }, body, "", problems);
  return outcomeOf(given as { enforceRole: boolean }, problems);
}

function alone({ version, scaleBy, id: _id, ...others }: Json): Outcome<GroupUpdate> {
  const path = version === undefined ? "/scaleBy" : "/version";
  if (Object.keys(others).length > 0 || (version !== undefined && scaleBy !== undefined)) {
    return outcomeOf({ scaleBy: 0 }, [ruleProblem(path, "not allowed in conjunction with other properties.")]);
  }
  if (version === undefined) return { value: { scaleBy: scaleBy as number } };
  if (parseTimestamp(version as string) !== undefined) return { value: { rollbackTo: version as string } };
  return refuse(422, `Invalid format: "${version}" is no timestamp`);
}

/** A group of the body that is still to be read. */
interface Open {
  readonly given: Json;
  readonly id: string;
  readonly at: string;
}

function content(given: Json, { settings, tree, id: base = "/" }: GroupReading): Outcome<GroupUpdate> {
  const problems: Problem[] = [];
  const removals: Change[] = [];
  const puts: Change[] = [];
  const id = given["id"] === undefined ? base : resolvePath(given["id"] as string, base);
  const children = childrenOf(tree);
  const stack: Open[] = [{ given, id, at: "" }];
  for (let group = stack.pop(); group !== undefined; group = stack.pop()) {
    const own = pathError(group.id);
    if (own) problems.push(ruleProblem(`${group.at}/id`, own));
    problems.push(...below(group.at, dependencyProblems(group.given["dependencies"] as readonly string[] | undefined)));
    if (problems.length > MOST_PROBLEMS || own) break;
    puts.push({ put: "group", group: groupOf(group), at: group.at });
    readApps(group, settings, children, { removals, puts, problems });
    stack.push(...readGroups(group, children, removals, problems).reverse());
  }
  return outcomeOf({ id, changes: [...removals, ...puts] }, problems);
}

// An answer with all of them would be larger than the body that it answers.
const MOST_PROBLEMS = INIT_BOUNDS.problems.most;

function groupOf({ given, id }: Open): Omit<Group, "version"> {
  const dependencies = given["dependencies"] as string[] | undefined;
  const enforceRole = given["enforceRole"] as boolean | undefined;
  return {
    id,
    ...(dependencies && { dependencies: [...new Set(dependencies.map((other) => resolvePath(other, id)))] }),
    ...(enforceRole !== undefined && { enforceRole }),
  } as Omit<Group, "version">;
}

interface Found {
  readonly removals: Change[];
  readonly puts: Change[];
  readonly problems: Problem[];
}

function readApps({ given, id, at }: Open, settings: Settings, children: Children, found: Found): void {
  const apps = given["apps"] as unknown[] | undefined;
  if (apps === undefined) return;
  const listed = new Set<string>();
  apps.forEach((body, index) => {
    const place = `${at}/apps(${index})`;
    const app = readApp(body, { settings, base: id, at: place });
    if ("refusal" in app) found.problems.push(...problemsOf(app.refusal.body));
    else if (parentOf(app.value.id) !== id || listed.has(app.value.id))
      found.problems.push(misplaced(place, id, listed.has(app.value.id)));
    else {
      listed.add(app.value.id);
      found.puts.push({ put: "app", draft: app.value, at: place });
    }
  });
  for (const app of children.apps.get(id) ?? [])
    if (!listed.has(app.id)) found.removals.push({ put: "nothing", id: app.id });
}

function readGroups({ given, id, at }: Open, children: Children, removals: Change[], problems: Problem[]): Open[] {
  const groups = given["groups"] as unknown[] | undefined;
  if (groups === undefined) return [];
  const open = groups
    .map((body, index) => readGroup(body, id, `${at}/groups(${index})`, problems))
    .filter((one) => one !== undefined);
  const listed = new Set(open.map((one) => one.id));
  if (listed.size < open.length) problems.push(ruleProblem(`${at}/groups`, "Elements must be unique."));
  for (const child of children.groups.get(id) ?? [])
    if (!listed.has(child)) removals.push({ put: "no group", id: child });
  return open;
}

function readGroup(body: unknown, parent: string, at: string, problems: Problem[]): Open | undefined {
  const found: Problem[] = [];
  const given = readObject({ ...GROUP_FIELDS, id: { of: spec.word, isRequired: true } }, body, "", found);
  const id = typeof given["id"] === "string" ? resolvePath(given["id"], parent) : "";
  if (found.length === 0 && (parentOf(id) !== parent || id === parent)) found.push(misplaced("", parent, false));
  problems.push(...below(at, found));
  return found.length === 0 ? { given, id, at } : undefined;
}

function misplaced(at: string, group: string, isTwice: boolean): Problem {
  const text = isTwice
    ? "Elements must be unique."
    : `Identifier is not child of '${group}'. Hint: use relative paths.`;
  return ruleProblem(`${at}/id`, text);
}

function problemsOf({ message, details }: { message: string; details?: unknown }): Problem[] {
  const list = Array.isArray(details) ? (details as { path: string; errors: string[] }[]) : [];
  const isType = message === "Invalid JSON";
  return list.flatMap(({ path, errors }) => errors.map((error) => ({ path, error, isType })));
}

interface Children {
  readonly apps: ReadonlyMap<string, readonly App[]>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

function childrenOf(tree: Tree): Children {
  const ids = [...tree.groups.keys()].filter((id) => id !== "/");
  return {
    apps: Map.groupBy(tree.apps.values(), ({ id }) => parentOf(id)),
    groups: Map.groupBy(ids, parentOf),
  };
}
