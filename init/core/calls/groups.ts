import { type Problem, refusalOf, ruleProblem } from "@meseta/api/json-body/outcome.ts";
import type { Call } from "../call.ts";
import { appRules } from "../definition/app-rules.ts";
import type { Change } from "../definition/edit.ts";
import { editTree } from "../definition/edit.ts";
import { existing } from "../definition/existing.ts";
import { readGroupPatch, readGroupUpdate, restoreGroup, scaleBy } from "../definition/group.ts";
import { instancesOf } from "../definition/spec.ts";
import { nextVersion } from "../definition/version.ts";
import { replaceTree } from "../fleet/wanted.ts";
import type { Answer } from "../out.ts";
import { treeAt } from "../tree-at.ts";
import { type Asking, illegal, notFound, refused } from "./asking.ts";
import { change, deployed, failed } from "./change.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /v2/groups: 201. */
export function createGroup(asking: Asking, { id: base, body, force, dryRun }: Of<"create-group">): Answer {
  const { tree, config } = asking.state;
  const read = readGroupUpdate(body, { settings: config.definitions, tree, id: base });
  if ("refusal" in read) return refused(read.refusal);
  const group = "changes" in read.value ? read.value.id : base;
  const taken = existing(tree, "group", group);
  if (taken !== undefined) return failed(asking, { group, dryRun }, refused(taken));
  if (!("changes" in read.value)) return failed(asking, { group, dryRun }, noGroup(group));
  const { changes } = read.value;
  return change(asking, { group, changes, force, dryRun }, (_next, done) => deployed(201, done, `/v2/groups${group}`));
}

/** PUT /v2/groups: 200, also when the group was not there; its content, an older version of it, or other numbers of instances. */
export function updateGroup(asking: Asking, { id: base, body, force, dryRun }: Of<"update-group">): Answer {
  const { tree, config } = asking.state;
  const read = readGroupUpdate(body, { settings: config.definitions, tree, id: base });
  if ("refusal" in read) return refused(read.refusal);
  const update = read.value;
  if ("changes" in update) return change(asking, { group: update.id, changes: update.changes, force, dryRun });
  const wanted = { group: base, force, dryRun };
  if (!tree.groups.has(base)) return failed(asking, wanted, noGroup(base));
  const changes =
    "scaleBy" in update ? scaled(asking, base, update.scaleBy) : restored(asking, base, update.rollbackTo);
  return "status" in changes ? failed(asking, wanted, changes) : change(asking, { ...wanted, changes });
}

/** PATCH /v2/groups/{top}: 200 with nothing. No instance is touched, so nothing is deployed. */
export function patchGroup(asking: Asking, { id, body }: Of<"patch-group">): Answer {
  const { state, nowMs, out } = asking;
  const read = readGroupPatch(body);
  if ("refusal" in read) return refused(read.refusal);
  const old = state.tree.groups.get(id);
  if (old === undefined) return failed(asking, { group: id }, noGroup(id));
  const { enforceRole } = read.value;
  const version = nextVersion(nowMs, state.tree.version);
  const group = { id, dependencies: old.dependencies, enforceRole };
  const edited = editTree(state.tree, [{ put: "group", group }], { settings: state.config.definitions, version });
  if ("refusal" in edited) return failed(asking, { group: id }, refused(edited.refusal));
  replaceTree(state, edited.value, nowMs, out);
  out.publish({ eventType: "group_change_success", groupId: id, version }, nowMs);
  return { status: 200 };
}

/** DELETE /v2/groups: 200; all below it goes as well. */
export function deleteGroup(asking: Asking, { id, force, dryRun }: Of<"delete-group">): Answer {
  if (!asking.state.tree.groups.has(id)) return failed(asking, { group: id, dryRun }, noGroup(id));
  return change(asking, { group: id, changes: [{ put: "no group", id }], force, dryRun });
}

export function noGroup(id: string): Answer {
  return notFound(`Group '${id}' does not exist`);
}

const MOST_INSTANCES = 2 ** 31 - 1;

function scaled({ state }: Asking, group: string, factor: number): readonly Change[] | Answer {
  const changes = scaleBy(state.tree, group, factor);
  const problems = changes.flatMap((one) => problemsOf(one, state.config.definitions));
  return problems.length === 0 ? changes : refused(refusalOf(problems));
}

// Each was valid with the number that it has.
function problemsOf(one: Change, settings: Parameters<typeof appRules>[1]): readonly Problem[] {
  if (one.put !== "app" && one.put !== "pod") return [];
  const isTooMany = instancesOf(one.draft as Parameters<typeof instancesOf>[0]) > MOST_INSTANCES;
  if (isTooMany) return [ruleProblem("/scaleBy", `${one.draft.id} would have more than ${MOST_INSTANCES} instances`)];
  return one.put === "app" ? appRules(one.draft, settings) : [];
}

function restored({ state }: Asking, group: string, version: string): readonly Change[] | Answer {
  const older = treeAt(state, version);
  if (older?.groups.has(group)) return restoreGroup(older, group);
  return illegal(`Group ${group} not available in version ${version}`);
}
