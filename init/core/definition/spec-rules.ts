import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { LinuxInfo, Persistent } from "@meseta/api/marathon/container.ts";
import type { EnvValue, Fetch, ResourceLimits, Secrets, UnreachableStrategy } from "@meseta/api/marathon/strategy.ts";
import { volumeConstraintRule } from "./constraint-rules.ts";
import { pathError } from "./path.ts";
import { all, asDouble, below, each, must, type Rule, within } from "./rule.ts";
import { featureMissing, type Settings } from "./settings.ts";

// Rules that apps and pods share. Texts as Marathon's where it has the rule.

type Secretive = { readonly env: Readonly<Record<string, EnvValue>>; readonly secrets: Secrets };

/** Names are not empty, secrets are there and their feature is on. `path` is where the environment stands. */
export function envRule(path: string): Rule<Secretive> {
  return ({ env, secrets }, settings) => {
    const problems = Object.entries(env).flatMap(([name, value]) => envProblems(name, value, secrets));
    const isSecretive = Object.values(env).some((value) => typeof value !== "string");
    if (isSecretive && !settings.features.has("secrets")) problems.push(ruleProblem("", SECRETS_OFF));
    return below(path, problems);
  };
}

const SECRETS_OFF = "use of secret-references in the environment requires the secrets feature to be enabled";

function envProblems(name: string, value: EnvValue, secrets: Secrets): Problem[] {
  if (name === "") return [ruleProblem("", "must not be empty")];
  if (typeof value === "string") return [];
  return Object.hasOwn(secrets, value.secret) ? [] : [ruleProblem(`/${name}/secret`, "references an undefined secret")];
}

export const secretsRule: Rule<Secrets> = all<Secrets>([
  needsFeature("secrets", (secrets) => Object.keys(secrets).length > 0),
  must("", "must not be empty", (secrets) => !Object.hasOwn(secrets, "")),
]);

/** A feature that is off may not be used. */
export function needsFeature<T>(
  feature: Parameters<typeof featureMissing>[0],
  isUsed: (subject: T) => boolean,
): Rule<T> {
  return must(
    "",
    featureMissing(feature),
    (subject, { features }: Settings) => !isUsed(subject) || features.has(feature),
  );
}

/** Limits are at least what is asked for. */
export function limitsRule(asked: { readonly cpus: number; readonly mem: number }): Rule<ResourceLimits> {
  return all<ResourceLimits>([limit("cpus", asked.cpus), limit("mem", asked.mem)]);
}

function limit(name: "cpus" | "mem", asked: number): Rule<ResourceLimits> {
  const text = `resource limit must be greater than or equal to requested resource (${asDouble(asked)})`;
  return must(`/${name}`, text, ({ [name]: given }) => typeof given !== "number" || given >= asked);
}

export const persistentRule: Rule<Persistent> = all<Persistent>([
  must("/size", "got 0, expected more than 0", ({ size }) => size > 0),
  must("", "Only mount volumes can have maxSize", ({ type, maxSize }) => maxSize === undefined || type === "mount"),
  must("", "Max size must be larger than size", ({ size, maxSize }) => maxSize === undefined || maxSize > size),
  must(
    "",
    "Constraints on root volumes are not supported",
    ({ type, constraints }) => type !== "root" || constraints.length === 0,
  ),
  each("/constraints", ({ constraints }) => constraints, volumeConstraintRule),
]);

export const unreachableRule: Rule<UnreachableStrategy> = (strategy) => {
  if (strategy === "disabled") return [];
  const { inactiveAfterSeconds: inactive, expungeAfterSeconds: expunge } = strategy;
  if (inactive <= expunge) return [];
  const text = `inactiveAfterSeconds (${inactive}) must be less or equal to expungeAfterSeconds, which is ${expunge}`;
  return [ruleProblem("/inactiveAfterSeconds", text)];
};

export const linuxInfoRule: Rule<LinuxInfo> = all<LinuxInfo>([
  within(
    "/seccomp",
    ({ seccomp }) => seccomp,
    (seccomp) => {
      const hasProfile = seccomp.profileName !== undefined;
      if (hasProfile && seccomp.unconfined) return [ruleProblem("", SECCOMP_BOTH)];
      return hasProfile || seccomp.unconfined ? [] : [ruleProblem("", SECCOMP_NEITHER)];
    },
  ),
  within(
    "/ipcInfo",
    ({ ipcInfo }) => ipcInfo,
    must(
      "",
      "ipcInfo shmSize can NOT be set when mode is SHARE_PARENT",
      ({ mode, shmSize }) => mode === "PRIVATE" || shmSize === undefined,
    ),
  ),
]);

const SECCOMP_BOTH = "Seccomp unconfined can NOT be true when Profile is defined";
const SECCOMP_NEITHER = "Seccomp unconfined must be true when Profile is NOT defined";

// What RFC 3986 allows, and the brace and bar that people write in query strings are not among it.
const URI = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;

export const fetchRule: Rule<Fetch> = must(
  "/uri",
  "URI has invalid syntax.",
  ({ uri }) => URI.test(uri) && !/%(?![0-9A-Fa-f]{2})/.test(uri),
);

/** The words of acceptedResourceRoles, each a role's name. */
export const roleNamesRule: Rule<readonly string[]> = (roles) => roles.flatMap((role) => roleProblems(role));

function roleProblems(role: string): Problem[] {
  const error = roleError(role);
  return error === undefined ? [] : [ruleProblem("", error)];
}

/** What is wrong with a role's name. Source: Mesos' roles. */
function roleError(role: string): string | undefined {
  if (role === "" || role === "." || role === "..") return `A role name must not be "${role}".`;
  if (role.startsWith("-")) return "A role name must not start with a '-'.";
  return /[\t\n\v\f\r /\x7f]/.test(role) ? "A role name must not include white space or a slash." : undefined;
}

/** What is wrong with the ids of what something depends on. They may end in `..`: that is the group above. */
export function dependencyProblems(dependencies: readonly string[] = []): Problem[] {
  return dependencies.flatMap((id, index) => {
    const error = pathError(id.replace(/(^|\/)\.\.?$/, ""));
    return error === undefined ? [] : [ruleProblem(`/dependencies(${index})`, error)];
  });
}
