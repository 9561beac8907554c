import { objectBody } from "@meseta/api/json-body/body.ts";
import type { Fields } from "@meseta/api/json-body/field.ts";
import { type Outcome, outcomeOf, type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { isObject, type Json, readObject } from "@meseta/api/json-body/read.ts";
import type { App } from "@meseta/api/marathon/app.ts";
import type { Container } from "@meseta/api/marathon/container.ts";
import { type AppDraft, fillApp, isHost } from "./app-defaults.ts";
import { APP_FIELDS, LEGACY_FIELDS, SERVER_FIELDS } from "./app-fields.ts";
import { appRules } from "./app-rules.ts";
import { withoutLegacyForms } from "./legacy.ts";
import { pathError, resolvePath } from "./path.ts";
import { below } from "./rule.ts";
import type { Settings } from "./settings.ts";
import { dependencyProblems } from "./spec-rules.ts";
import { parseTimestamp } from "./version.ts";

export interface AppReading {
  readonly settings: Settings;
  /** The group in which relative ids stand; the root unless said. */
  readonly base?: string;
  /** The id that the URL names; it wins over the body's. */
  readonly id?: string;
  /** Where the app stands in the body, for the paths of problems: `/apps(0)`. */
  readonly at?: string;
}

/** What an update asks for: a definition, or that of an older version under a new one. */
export type AppUpdate = { readonly draft: AppDraft } | { readonly rollbackTo: string };

/** A new app's definition from a parsed body: checked, absolute, every default filled. Role, service ports and version come when it enters the tree. */
export function readApp(body: unknown, reading: AppReading): Outcome<AppDraft> {
  if (!reading.at && !isObject(body)) return objectBody(body) as Outcome<never>;
  const problems: Problem[] = [];
  const given = readGiven(body, problems);
  return draftOf(given, reading, problems);
}

/**
 * A change of the app `old`, or, without one, a new app. Partial: what is not named keeps its value, by top-level keys; else all is replaced. A version
 * alone asks for a rollback; with anything but the id it is refused.
 */
export function readAppUpdate(
  body: unknown,
  old: App | undefined,
  reading: AppReading & { readonly isPartial: boolean },
): Outcome<AppUpdate> {
  if (!reading.at && !isObject(body)) return objectBody(body) as Outcome<never>;
  const problems: Problem[] = [];
  const { version, ...given } = readGiven(body, problems);
  if (version !== undefined && problems.length === 0) return rollback(String(version), given);
  const whole = old && reading.isPartial ? { ...kept(old, given), ...given } : given;
  const outcome = draftOf(whole, { ...reading, ...(old && { id: old.id }) }, problems);
  return "refusal" in outcome ? outcome : { value: { draft: outcome.value } };
}

/** What an app may have, in the older forms too. */
export const ALL_FIELDS: Fields = { ...APP_FIELDS, ...LEGACY_FIELDS, ...SERVER_FIELDS };

function readGiven(body: unknown, problems: Problem[]): Json {
  const { versionInfo, ...given } = readObject(ALL_FIELDS, body, "", problems, true);
  return problems.length > 0 ? given : withoutLegacyForms(given, problems);
}

function rollback(version: string, { id: _id, ...others }: Json): Outcome<AppUpdate> {
  const text = "The 'version' field may only be combined with the 'id' field.";
  if (Object.keys(others).length > 0) return outcomeOf({ rollbackTo: version }, [ruleProblem("", text)]);
  if (parseTimestamp(version) !== undefined) return { value: { rollbackTo: version } };
  return { refusal: { status: 422, body: { message: `Invalid format: "${version}" is no timestamp` } } };
}

function draftOf(given: Json, reading: AppReading, problems: Problem[]): Outcome<AppDraft> {
  const at = reading.at ?? "";
  const id = reading.id ?? given["id"];
  if (id === undefined && problems.length === 0)
    problems.push({ path: "/id", error: "error.path.missing", isType: true });
  if (problems.some(({ isType }) => isType) || typeof id !== "string") return outcomeOf(never, below(at, problems));
  problems.push(...idProblems(id, given["dependencies"]));
  const draft = absolute(fillApp({ ...given, id }, reading.settings), reading.base);
  problems.push(...appRules(draft, reading.settings));
  return outcomeOf(draft, below(at, problems));
}

const never = undefined as never;

function idProblems(id: string, dependencies: unknown): Problem[] {
  const found: Problem[] = [];
  const add = (path: string, error: string | undefined) => error && found.push(ruleProblem(path, error));
  add("/id", pathError(id));
  if (resolvePath(id) === "/") add("/id", "Path must contain at least one path element");
  return [...found, ...dependencyProblems(dependencies as readonly string[] | undefined)];
}

// As in Marathon: what stands in no group of the body is resolved from the root, however deep its own id goes.
function absolute(draft: AppDraft, base = "/"): AppDraft {
  const id = resolvePath(draft.id, base);
  const dependencies = draft.dependencies.map((other) => resolvePath(other, base));
  return { ...draft, id, dependencies: [...new Set(dependencies)] };
}

/** What an update leaves of the old definition: all that it does not name, except ports that its networks could not have. */
function kept(old: App, given: Json): Json {
  const { version, versionInfo, ...rest } = old;
  const networks = (given["networks"] as App["networks"] | undefined) ?? old.networks;
  if (isHost(networks) === isHost(old.networks)) return rest;
  const { portDefinitions, container, ...withoutPorts } = rest;
  const left = container && containerWithoutPorts(container);
  return { ...withoutPorts, ...(left && { container: left }) };
}

// A container that was only there for its ports goes with them.
function containerWithoutPorts({ portMappings, ...container }: Container): Json | undefined {
  const isImplicit = container.docker === undefined && container.volumes.length === 0 && !container.linuxInfo;
  return isImplicit && container.type === "MESOS" ? undefined : container;
}
