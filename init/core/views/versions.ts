import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { podToJson } from "../definition/output.ts";
import { isPod } from "../definition/spec.ts";
import { parseTimestamp } from "../definition/version.ts";
import type { Reading } from "../query.ts";
import { groupVersionsOf, specOfVersion, treeAt, versionsOf } from "../tree-at.ts";
import { appText } from "./app.ts";
import { appNotFound, groupNotFound, type QueryFor } from "./apps.ts";
import { writeGroup } from "./groups.ts";
import { notFound, refused, shown } from "./reading.ts";
import type { Seen } from "./seen.ts";

/** The versions of an app, the newest first. */
export function readAppVersions({ id }: QueryFor<"app-versions">, state: Seen): Reading {
  if (!state.tree.apps.has(id)) return appNotFound(id);
  return shown({ versions: versionsAs(state, id, false) });
}

/** An app as it was, bare. */
export function readAppVersion({ id, version }: QueryFor<"app-version">, state: Seen): Reading {
  if (!state.tree.apps.has(id)) return appNotFound(id);
  if (parseTimestamp(version) === undefined) return badVersion(version);
  const app = specOfVersion(state, id, version);
  if (app === undefined || isPod(app)) return notFound(`App '${id}' does not exist in version ${version}`);
  return { status: 200, pieces: [appText(app)] };
}

export function readPodVersions({ id }: QueryFor<"pod-versions">, state: Seen): Reading {
  return state.tree.pods.has(id) ? shown(versionsAs(state, id, true)) : podNotFound(id);
}

export function readPodVersion({ id, version }: QueryFor<"pod-version">, state: Seen): Reading {
  if (!state.tree.pods.has(id)) return podNotFound(id);
  if (parseTimestamp(version) === undefined) return badVersion(version);
  const pod = specOfVersion(state, id, version);
  if (pod === undefined || !isPod(pod)) return notFound(`Pod '${id}' does not exist in version ${version}`);
  return shown(podToJson(pod));
}

/** The versions of the root in which the group was there, the newest first. */
export function readGroupVersions({ id }: QueryFor<"group-versions">, state: Seen): Reading {
  return state.tree.groups.has(id) ? shown(groupVersionsOf(state, id)) : groupNotFound(id);
}

/** A group as it was in a version of the root: definitions only. */
export function readGroupVersion({ id, version }: QueryFor<"group-version">, state: Seen): Reading {
  if (parseTimestamp(version) === undefined) return badVersion(version);
  const tree = treeAt(state, version);
  if (!tree?.groups.has(id)) return notFound(`Group '${id}' does not exist in version ${version}`);
  const pieces = new Pieces();
  writeGroup(pieces, tree, id, (app) => pieces.later(() => appText(app)));
  return pieces.reading();
}

/** As GET of a pod says it. */
export function podNotFound(id: string): Reading {
  return notFound(`pod with ${id} does not exist`);
}

// An id may have been an app's before it was a pod's.
function versionsAs(state: Seen, id: string, pods: boolean): string[] {
  return versionsOf(state, id).flatMap((spec: RunSpec) => (isPod(spec) === pods ? [spec.version] : []));
}

function badVersion(version: string): Reading {
  return refused({ status: 422, body: { message: `Invalid version: '${version}' is not a timestamp` } });
}
