import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";

/** Subscribes with the roles that are in use: of what is wanted, of what runs, and of what is still to be given back. */
export function updateRoles(state: InitState, out: InitOut): void {
  const { master } = state;
  const roles = rolesInUse(state);
  if (roles.size === master.roles.size && roles.isSubsetOf(master.roles)) return;
  master.roles = roles;
  master.suppressed = new Set([...master.suppressed].filter((role) => roles.has(role)));
  state.demand.isChanged = true;
  tellRoles(state, out);
}

/** Says them to the hands, which subscribe or update the framework. */
function tellRoles({ master }: InitState, out: InitOut): void {
  out.push({ type: "roles", roles: [...master.roles].sort(), suppressed: [...master.suppressed].sort() });
}

// A role may not go while tasks of it run; and there is always one, since a framework needs it.
function rolesInUse(state: InitState): Set<string> {
  const roles = new Set([state.config.definitions.defaultRole]);
  for (const role of state.rolesHeld.keys()) roles.add(role);
  for (const { role } of state.releases.values()) roles.add(role);
  return roles;
}

/** There is one definition or instance more (1) or less (-1) of this role. True when it was the last one. */
export function countRole({ rolesHeld }: Pick<InitState, "rolesHeld">, role: string, by: 1 | -1): boolean {
  const count = (rolesHeld.get(role) ?? 0) + by;
  if (count > 0) rolesHeld.set(role, count);
  else rolesHeld.delete(role);
  return count <= 0;
}
