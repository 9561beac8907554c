/** One thing that is wrong with a body: where (`/container/volumes(0)/mode`), what, and whether it is the JSON's type or a rule. */
export interface Problem {
  readonly path: string;
  readonly error: string;
  readonly isType: boolean;
}

/** Why a call is not carried out, as the client is told: an HTTP status and the body of the answer. */
export interface Refusal {
  readonly status: 400 | 404 | 409 | 422;
  readonly body: RefusalBody;
}

export interface RefusalBody {
  readonly message: string;
  readonly details?: string | readonly { readonly path: string; readonly errors: readonly string[] }[];
}

/** Either what was asked for, or why not. */
export type Outcome<T> = { readonly value: T } | { readonly refusal: Refusal };

/** The answer to a body with these problems. While types are wrong nothing is said of rules. Source: Marathon's error bodies. */
export function refusalOf(problems: readonly Problem[]): Refusal {
  const types = problems.filter(({ isType }) => isType);
  const message = types.length > 0 ? "Invalid JSON" : "Object is not valid";
  return { status: 422, body: { message, details: byPath(types.length > 0 ? types : problems) } };
}

export function refuse<T>(status: Refusal["status"], message: string): Outcome<T> {
  return { refusal: { status, body: { message } } };
}

/** The value unless there are problems. */
export function outcomeOf<T>(value: T, problems: readonly Problem[]): Outcome<T> {
  return problems.length === 0 ? { value } : { refusal: refusalOf(problems) };
}

/** A rule that is broken at this path; the whole object is `/`. */
export function ruleProblem(path: string, error: string): Problem {
  return { path: path === "" ? "/" : path, error, isType: false };
}

function byPath(problems: readonly Problem[]): { path: string; errors: string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const { path, error } of problems) {
    const at = path === "" ? "/" : path;
    found.set(at, (found.get(at) ?? new Set()).add(error));
  }
  return [...found].map(([path, errors]) => ({ path, errors: [...errors] }));
}
