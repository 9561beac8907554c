import { objectBody } from "@meseta/api/json-body/body.ts";
import { list, text } from "@meseta/api/json-body/field.ts";
import { type Outcome, outcomeOf, type Problem, refuse } from "@meseta/api/json-body/outcome.ts";
import { readObject } from "@meseta/api/json-body/read.ts";
import type { Call, TasksOf } from "../call.ts";
import type { Change } from "../definition/edit.ts";
import { parseInstanceId, parseTaskId } from "../definition/instance-id.ts";
import { isWithin } from "../definition/path.ts";
import { instancesOf, scaledTo } from "../definition/spec.ts";
import { changeInstance } from "../fleet/change.ts";
import type { Instance } from "../instance/instance.ts";
import type { Answer } from "../out.ts";
import { specAt } from "../spec.ts";
import type { InitState } from "../state.ts";
import { taskNow, taskOf } from "../views/task.ts";
import { noApp } from "./apps.ts";
import { type Asking, notFound, refused } from "./asking.ts";
import { change, putOf } from "./change.ts";
import { noGroup } from "./groups.ts";

type KillTasks = Extract<Call, { kind: "kill-tasks" }>;

/**
 * Kills tasks, which then come back; with `scale` the service has so many instances less (the answer is that of the deployment), with `wipe` what was kept
 * for them is given back; a dry run only says which. Source: DELETE /v2/apps/{id}/tasks and its kin, POST /v2/tasks/delete.
 */
export function killTasks(asking: Asking, call: KillTasks): Answer {
  if (call.scale && call.wipe) return badRequest("You cannot use scale and wipe at the same time.");
  const found = findTasks(asking.state, call);
  if ("status" in found) return found;
  if (call.scale) return killAndScale(asking, call, found);
  const killed = found.filter((instance) => call.wipe || Object.keys(instance.tasks).length > 0);
  const tasks = killed.map((instance) => taskNow(instance, asking.state));
  if (!call.dryRun) for (const { id } of killed) endInstance(asking, id, call.wipe);
  return {
    status: 200,
    body: isOneOf(call.of) ? { task: tasks[0] ?? taskNow(found[0]!, asking.state) } : { tasks },
  };
}

/** Its launch ends, and another follows; wiped, it is gone with all that was kept for it, and another one comes in its place. */
export function endInstance({ state, nowMs, out }: Asking, id: string, wipe: boolean): void {
  changeInstance(state, id, wipe ? { type: "goal", goal: "Decommissioned" } : { type: "kill" }, nowMs, out);
}

export function badRequest(message: string): Answer {
  return { status: 400, body: { message } };
}

export function noTask(id: string): Answer {
  return notFound(`Task '${id}' does not exist`);
}

function killAndScale(asking: Asking, { force, dryRun, of }: KillTasks, found: readonly Instance[]): Answer {
  const bySpec = Map.groupBy(found, ({ spec }) => spec);
  const changes: Change[] = [];
  const victims: Record<string, readonly string[]> = {};
  for (const [id, instances] of bySpec) {
    const spec = specAt(asking.state.tree, id);
    if (spec === undefined) continue;
    changes.push(putOf(scaledTo(spec, Math.max(0, instancesOf(spec) - instances.length))));
    victims[id] = instances.map((instance) => instance.id);
  }
  return change(asking, { group: "group" in of ? of.group : "/", changes, victims, force, dryRun });
}

function findTasks(state: InitState, { of, host, wipe }: KillTasks): readonly Instance[] | Answer {
  if ("body" in of) return findNamed(state, of.body, wipe);
  if ("group" in of) return findInGroup(state, of.group, host, wipe);
  if (!state.tree.apps.has(of.app)) return noApp(of.app);
  if (!("task" in of)) return findOf(state, of.app, host, wipe);
  if (parseTaskId(of.task) === undefined) return malformed(of.task);
  const instance = findTask(state, of.task, wipe);
  return instance?.spec === of.app ? [instance] : noTask(of.task);
}

function isOneOf(of: TasksOf): boolean {
  return "task" in of;
}

function findInGroup(state: InitState, group: string, host: string | undefined, wipe: boolean): Instance[] | Answer {
  if (!state.tree.groups.has(group)) return noGroup(group);
  const apps = [...state.tree.apps.keys()].filter((id) => isWithin(id, group));
  return apps.flatMap((id) => findOf(state, id, host, wipe));
}

function findOf(state: InitState, spec: string, host: string | undefined, wipe: boolean): Instance[] {
  const all = [...(state.services.get(spec)?.instances.values() ?? [])];
  const isThere = (instance: Instance) =>
    host === undefined || host === "*" ? true : instance.host?.hostname === host;
  return all.filter((instance) => isKillable(instance, wipe) && isThere(instance));
}

// What already goes cannot be killed; what rests has nothing but what is kept for it.
function isKillable({ goal }: Instance, wipe: boolean): boolean {
  return goal === "Running" || (wipe && goal === "Stopped");
}

function findNamed(state: InitState, body: unknown, wipe: boolean): readonly Instance[] | Answer {
  const ids = readIds(body);
  if ("refusal" in ids) return refused(ids.refusal);
  // An instance may be named twice: by its own id, and by its task's.
  return [...new Set(ids.value.flatMap((id) => findTask(state, id, wipe) ?? []))];
}

function readIds(body: unknown): Outcome<readonly string[]> {
  const object = objectBody(body);
  if ("refusal" in object) return object;
  const problems: Problem[] = [];
  const { ids } = readObject({ ids: { of: list(text()), isRequired: true } }, body, "", problems);
  if (problems.length > 0) return outcomeOf(never, problems);
  const bad = (ids as string[]).find((id) => parseTaskId(id) === undefined);
  return bad === undefined ? { value: [...new Set(ids as string[])] } : refuse(400, malformedText(bad));
}

const never = undefined as never;

/** The instance whose task it is now; a name of an earlier launch is nobody's. An instance's own id, as task ids once were, is its present task's. */
function findTask(state: InitState, id: string, wipe: boolean): Instance | undefined {
  const { instanceId } = parseTaskId(id)!;
  const path = parseInstanceId(instanceId)?.path;
  const instance = path === undefined ? undefined : state.services.get(path)?.instances.get(instanceId);
  if (instance === undefined || !isKillable(instance, wipe)) return undefined;
  const isNow = id === instanceId || Object.hasOwn(instance.tasks, id) || taskOf(instance).taskId === id;
  return isNow ? instance : undefined;
}

function malformed(id: string): Answer {
  return badRequest(malformedText(id));
}

function malformedText(id: string): string {
  return `Invalid task id '${id}'.`;
}
