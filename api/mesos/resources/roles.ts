/** Why the text cannot be the name of a role, or undefined when it can. `*` is a role; others are paths such as `eng/backend`. */
export function roleProblem(role: string): string | undefined {
  if (role === "*") return undefined;
  if (role === "") return "Role names cannot be the empty string";
  if (role.startsWith("/")) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith("/")) return `Role '${role}' cannot end with a slash`;
  if (role.includes("//")) return `Role '${role}' cannot contain two adjacent slashes`;
  for (const component of role.split("/")) {
    const problem = componentProblem(role, component);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The roles above, nearest first: of a/b/c they are a/b and a. */
export function ancestors(role: string): string[] {
  const out: string[] = [];
  for (let at = role.lastIndexOf("/"); at > 0; at = role.lastIndexOf("/", at - 1)) out.push(role.slice(0, at));
  return out;
}

/** Whether the role is below the other: a/b is below a, a is not below a. */
export function isStrictSubrole(role: string, above: string): boolean {
  return role.length > above.length + 1 && role.charCodeAt(above.length) === SLASH && role.startsWith(above);
}

const SLASH = 47;
const BLANK = /[\t\n\v\f\r \x7f]/;

function componentProblem(role: string, component: string): string | undefined {
  if (component === "." || component === ".." || component === "*")
    return `Role '${role}' cannot include '${component}' as a component`;
  if (component.startsWith("-"))
    return `Role '${role}' cannot have the component '${component}', which starts with a dash`;
  if (BLANK.test(component)) return `Role '${role}' cannot contain white space or a delete character`;
  return undefined;
}
