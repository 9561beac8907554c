import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { differenceOf } from "../definition/difference.ts";
import type { Change } from "../definition/edit.ts";
import { isPod } from "../definition/spec.ts";
import type { Deployment } from "../deployment.ts";
import { carryOutDeployment } from "../fleet/carry-out.ts";
import type { InitOut } from "../out.ts";
import { revert } from "../plan/revert.ts";
import type { Plan } from "../plan.ts";
import { specAt } from "../spec.ts";
import type { InitState } from "../state.ts";
import { change, putOf, type Wanted } from "./change.ts";

/** A deployment whose time is over is ended, and what it changed is brought back by another, which has all the time that it needs. */
export function rollBack(state: InitState, deployment: Deployment, nowMs: number, out: InitOut): void {
  const { plan, startedMs } = deployment;
  const reason = `not done ${Math.round((nowMs - startedMs) / 1000)} s after its start, as its deadlineSeconds asks`;
  carryOutDeployment(state, state.deployments.cancel(plan.id, reason), nowMs, out);
  const answer = change({ state, nowMs, out }, undoing(state.tree, plan));
  const isUndone = answer.status === 200;
  out.log(
    "warn",
    isUndone ? "deployment took too long and is undone" : "deployment took too long and is ended as it is",
    {
      deployment: plan.id,
      reason,
      ...(!isUndone && { answer: answer.body }),
    },
  );
}

/** The change that brings back what the plan changed. Instances from before it count as up to date, so they stay. */
export function undoing(present: Tree, plan: Plan): Wanted {
  return {
    group: "/",
    changes: changesBack(present, plan),
    force: true,
    deadlineMs: "never",
    finish: (tree) => asBefore(tree, plan),
  };
}

function changesBack(present: Tree, plan: Plan): Change[] {
  const target = revert(plan, present);
  const specs = Object.entries(plan.changes);
  const gone = specs.filter(([id, { before }]) => isOtherKind(specAt(present, id), before)).map(([id]) => id);
  const groupsGone = [...present.groups.keys()].filter((id) => !target.groups.has(id));
  const groups = [...target.groups.values()].filter((group) => present.groups.get(group.id) !== group);
  return [
    ...gone.map((id): Change => ({ put: "nothing", id })),
    ...groupsGone.map((id): Change => ({ put: "no group", id })),
    ...groups.map(({ version: _, ...group }): Change => ({ put: "group", group })),
    ...specs.flatMap(([, { before }]) => (before === undefined ? [] : [putOf(before)])),
  ];
}

function isOtherKind(present: RunSpec | undefined, before: RunSpec | undefined): boolean {
  return present !== undefined && (before === undefined || isPod(before) !== isPod(present));
}

function asBefore(tree: Tree, plan: Plan): Tree {
  const apps = new Map(tree.apps);
  const pods = new Map(tree.pods);
  for (const { before } of Object.values(plan.changes)) {
    const spec = before && specAt(tree, before.id);
    if (spec === undefined || differenceOf(before!, spec) === "restart") continue;
    const restamped = { ...spec, version: tree.version, versionInfo: infoOf(before!, spec) };
    if (isPod(restamped)) pods.set(spec.id, restamped);
    else apps.set(spec.id, restamped);
  }
  return { ...tree, apps, pods };
}

function infoOf(before: RunSpec, { versionInfo }: RunSpec): RunSpec["versionInfo"] {
  return { ...versionInfo, lastConfigChangeAt: before.versionInfo.lastConfigChangeAt };
}
