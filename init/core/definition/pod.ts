import { objectBody } from "@meseta/api/json-body/body.ts";
import { type Outcome, outcomeOf, type Problem, refuse, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import { readObject } from "@meseta/api/json-body/read.ts";
import { pathError, resolvePath } from "./path.ts";
import { fillPod, type PodDraft } from "./pod-defaults.ts";
import { POD_FIELDS } from "./pod-fields.ts";
import { podRules } from "./pod-rules.ts";
import type { Settings } from "./settings.ts";

/** A pod's definition from a parsed body: checked, absolute, every default filled. `id` is what the URL of an update names: the body's must be the same. */
export function readPod(body: unknown, { settings, id }: { settings: Settings; id?: string }): Outcome<PodDraft> {
  const object = objectBody(body);
  if ("refusal" in object) return object;
  const problems: Problem[] = [];
  const read = readObject(POD_FIELDS, body, "", problems);
  if (problems.some(({ isType }) => isType)) return outcomeOf(undefined as never, problems);
  const draft = fillPod(read, settings);
  const error = pathError(draft.id);
  if (error) problems.push(ruleProblem("/id", error));
  if (resolvePath(draft.id) === "/") problems.push(ruleProblem("/id", "Path must contain at least one path element"));
  const absolute = { ...draft, id: resolvePath(draft.id) };
  if (id !== undefined && resolvePath(id) !== absolute.id) {
    return refuse(400, `'${resolvePath(id)}' does not match definition's id ('${absolute.id}')`);
  }
  return outcomeOf(absolute, [...problems, ...podRules(absolute, settings)]);
}
