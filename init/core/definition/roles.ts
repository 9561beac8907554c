import { type Problem, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import { parentOf, topOf } from "./path.ts";
import type { Settings } from "./settings.ts";

/** What a service may be charged to, and what it is charged to when it does not say. */
export interface RoleChoice {
  readonly allowed: readonly string[];
  readonly default: string;
}

/**
 * The roles that an app or pod at this path may have. Below a top-level group that enforces its name, only that; else the default role or the group's
 * name. A service that has some other role already may keep it, and keeps it until told otherwise. Source: Marathon's multi-role support.
 */
export function roleChoice(
  groups: Pick<Tree["groups"], "get">,
  id: string,
  previous: string | undefined,
  { defaultRole }: Settings,
): RoleChoice {
  const top = topOf(id);
  const isTopLevel = parentOf(id) === "/";
  const isEnforced = !isTopLevel && groups.get(`/${top}`)?.enforceRole === true;
  const ofPlace = isTopLevel ? [defaultRole] : isEnforced ? [top] : [defaultRole, top];
  const allowed = previous === undefined ? ofPlace : [...ofPlace, previous];
  return { allowed: [...new Set(allowed)], default: previous ?? ofPlace[0]! };
}

/** What is wrong with the role of a service, and with the roles whose resources it would take. `path` is where the latter stand. */
export function roleProblems(
  role: string,
  accepted: readonly string[],
  { allowed }: RoleChoice,
  path: string,
): Problem[] {
  const found: Problem[] = [];
  if (!allowed.includes(role)) {
    found.push(ruleProblem("/role", `got ${role}, expected one of: [${allowed.join(", ")}]`));
  }
  const valid = [...new Set(["*", role])];
  if (accepted.some((one) => !valid.includes(one))) {
    found.push(ruleProblem(path, `acceptedResourceRoles can only contain ${valid.join(" and ")}`));
  }
  return found;
}

/** The deprecated way: what a service may not accept is dropped, and nothing left means nothing was said. */
export function sanitizeAccepted(role: string, accepted: readonly string[]): readonly string[] {
  return accepted.filter((one) => one === "*" || one === role);
}
