import type { DeploymentResult } from "@meseta/api/marathon/deployment.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import type { Call } from "../call.ts";
import type { Change } from "../definition/edit.ts";
import { existing } from "../definition/existing.ts";
import { podToJson } from "../definition/output.ts";
import { parentOf } from "../definition/path.ts";
import { readPod } from "../definition/pod.ts";
import type { Answer, Notice } from "../out.ts";
import { type Asking, notFound, refused } from "./asking.ts";
import { change, deploymentHeader, failed } from "./change.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /v2/pods: 201 with the pod as it is stored. */
export function createPod(asking: Asking, { body, force, dryRun }: Of<"create-pod">): Answer {
  const { tree, config } = asking.state;
  const read = readPod(body, { settings: config.definitions });
  if ("refusal" in read) return refused(read.refusal);
  const { id } = read.value;
  const group = parentOf(id);
  const taken = existing(tree, "pod", id);
  if (taken !== undefined) return failed(asking, { group, dryRun }, refused(taken));
  const changes: Change[] = [{ put: "pod", draft: read.value }];
  const announce = () => [told(asking, "pod_created_event")];
  return change(asking, { group, changes, force, dryRun, announce }, (next, done) =>
    shown(201, next, id, done, { Location: `/v2/pods${id}` }),
  );
}

/** PUT /v2/pods/{id}: 200 with the pod as it is stored now. The body is the whole pod. */
export function updatePod(asking: Asking, { id, body, force, dryRun }: Of<"update-pod">): Answer {
  const { tree, config } = asking.state;
  const group = parentOf(id);
  const read = readPod(body, { settings: config.definitions, id });
  if ("refusal" in read) return refused(read.refusal);
  if (!tree.pods.has(id)) return failed(asking, { group, dryRun }, noPod(id));
  const changes: Change[] = [{ put: "pod", draft: read.value }];
  const announce = () => [told(asking, "pod_updated_event")];
  return change(asking, { group, changes, force, dryRun, announce }, (next, done) => shown(200, next, id, done));
}

/** DELETE /v2/pods/{id}: 202, since its instances go later. */
export function deletePod(asking: Asking, { id, force, dryRun }: Of<"delete-pod">): Answer {
  const group = parentOf(id);
  if (!asking.state.tree.pods.has(id)) return failed(asking, { group, dryRun }, noPod(id));
  const changes: Change[] = [{ put: "nothing", id }];
  const announce = () => [told(asking, "pod_deleted_event")];
  return change(asking, { group, changes, force, dryRun, announce }, (_next, done) => ({
    status: 202,
    headers: { ...deploymentHeader(done), Location: `/v2/deployments/${done.deploymentId}` },
  }));
}

export function noPod(id: string): Answer {
  return notFound(`Pod '${id}' does not exist`);
}

function shown(
  status: 200 | 201,
  { pods }: Tree,
  id: string,
  done: DeploymentResult,
  more: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { ...deploymentHeader(done), ...more }, body: podToJson(pods.get(id)!) };
}

function told({ client }: Asking, eventType: string): Notice {
  return { eventType, clientIp: client.ip, uri: client.uri };
}
