import type { DeploymentResult } from "@meseta/api/marathon/deployment.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import type { Call } from "../call.ts";
import { type AppUpdate, readApp, readAppUpdate } from "../definition/app.ts";
import { readAppUpdates } from "../definition/app-list.ts";
import type { Change } from "../definition/edit.ts";
import { existing } from "../definition/existing.ts";
import { appToJson } from "../definition/output.ts";
import { parentOf } from "../definition/path.ts";
import { isPod } from "../definition/spec.ts";
import type { Answer, Notice } from "../out.ts";
import { specOfVersion } from "../tree-at.ts";
import { type Asking, notFound, refused } from "./asking.ts";
import { change, deployed, deploymentHeader, failed } from "./change.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /v2/apps: 201 with the app as it is stored; none of its tasks runs yet. */
export function createApp(asking: Asking, { body, force, dryRun }: Of<"create-app">): Answer {
  const { tree, config } = asking.state;
  const read = readApp(body, { settings: config.definitions });
  if ("refusal" in read) return refused(read.refusal);
  const { id } = read.value;
  const group = parentOf(id);
  const taken = existing(tree, "app", id);
  if (taken !== undefined) return failed(asking, { group, dryRun }, refused(taken));
  const changes: Change[] = [{ put: "app", draft: read.value }];
  const announce = (next: Tree) => [posted(asking, next, id)];
  return change(asking, { group, changes, force, dryRun, announce }, (next, done) => created(next, id, done));
}

/** PUT and PATCH of one app: 200, or 201 when it was not there. PUT and PATCH of a list: 200, all or none. */
export function updateApps(asking: Asking, call: Of<"update-apps">): Answer {
  return call.id === undefined ? updateList(asking, call) : updateOne(asking, call, call.id);
}

/** DELETE /v2/apps/{id}: 200. */
export function deleteApp(asking: Asking, { id, force, dryRun }: Of<"delete-app">): Answer {
  const group = parentOf(id);
  if (!asking.state.tree.apps.has(id)) return failed(asking, { group, dryRun }, noApp(id));
  return change(asking, { group, changes: [{ put: "nothing", id }], force, dryRun });
}

/** POST /v2/apps/{id}/restart: 200. */
export function restartApp(asking: Asking, { id, force, dryRun }: Of<"restart-app">): Answer {
  const group = parentOf(id);
  if (!asking.state.tree.apps.has(id)) return failed(asking, { group, dryRun }, noApp(id));
  return change(asking, { group, changes: [{ put: "restart", id }], force, dryRun });
}

export function noApp(id: string): Answer {
  return notFound(`App '${id}' does not exist`);
}

function updateOne(asking: Asking, call: Of<"update-apps">, id: string): Answer {
  const { body, force, dryRun, isPartial, mustExist } = call;
  const { tree, config } = asking.state;
  const group = parentOf(id);
  const old = tree.apps.get(id);
  if (old === undefined && mustExist) return failed(asking, { group, dryRun }, noApp(id));
  const read = readAppUpdate(body, old, { settings: config.definitions, id, isPartial });
  if ("refusal" in read) return refused(read.refusal);
  const put = changeFor(asking, id, read.value);
  if ("status" in put) return failed(asking, { group, dryRun }, put);
  const announce = (next: Tree) => [posted(asking, next, id)];
  return change(asking, { group, changes: [put], force, dryRun, announce }, (_next, done) =>
    old === undefined ? deployed(201, done, `/v2/apps${id}`) : deployed(200, done),
  );
}

function updateList(asking: Asking, { body, force, dryRun, isPartial, mustExist }: Of<"update-apps">): Answer {
  const { tree, config } = asking.state;
  const read = readAppUpdates(body, { settings: config.definitions, apps: tree.apps, isPartial, mustExist });
  if ("refusal" in read) return refused(read.refusal);
  const changes: Change[] = [];
  for (const { id, update } of read.value) {
    const put = changeFor(asking, id, update);
    if ("status" in put) return failed(asking, { group: "/", dryRun }, put);
    changes.push(put);
  }
  return change(asking, { group: "/", changes, force, dryRun });
}

function changeFor({ state }: Asking, id: string, update: AppUpdate): Change | Answer {
  if ("draft" in update) return { put: "app", draft: update.draft };
  if (!state.tree.apps.has(id)) return noApp(id);
  const older = specOfVersion(state, id, update.rollbackTo);
  if (older === undefined || isPod(older))
    return notFound(`App '${id}' does not exist in version ${update.rollbackTo}`);
  return { put: "app", draft: older };
}

function created({ apps }: Tree, id: string, done: DeploymentResult): Answer {
  const counts = { tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0 };
  return {
    status: 201,
    headers: { ...deploymentHeader(done), Location: `/v2/apps${id}` },
    body: { ...appToJson(apps.get(id)!), ...counts, deployments: [{ id: done.deploymentId }] },
  };
}

function posted({ client }: Asking, { apps }: Tree, id: string): Notice {
  const { ip: clientIp, uri } = client;
  return { eventType: "api_post_event", clientIp, uri, appDefinition: appToJson(apps.get(id)!) };
}
