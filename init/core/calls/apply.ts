import type { Call } from "../call.ts";
import type { Client, RequestId } from "../event.ts";
import type { Answer, InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { createApp, deleteApp, restartApp, updateApps } from "./apps.ts";
import type { Asking } from "./asking.ts";
import { resetDelay } from "./delay.ts";
import { cancelDeployment } from "./deployments.ts";
import { createGroup, deleteGroup, patchGroup, updateGroup } from "./groups.ts";
import { killInstances } from "./pod-instances.ts";
import { createPod, deletePod, updatePod } from "./pods.ts";
import { killTasks } from "./tasks.ts";

/** Does what a client asks for, and answers it. What is refused changes nothing. */
export function applyCall(
  state: InitState,
  request: RequestId,
  call: Call,
  client: Client,
  nowMs: number,
  out: InitOut,
): void {
  out.answer(
    request,
    answerTo({ state, client, nowMs, out, offers: "offers" in call ? call.offers : undefined }, call),
  );
}

function answerTo(asking: Asking, call: Call): Answer {
  switch (call.kind) {
    case "create-app":
      return createApp(asking, call);
    case "update-apps":
      return updateApps(asking, call);
    case "delete-app":
      return deleteApp(asking, call);
    case "restart-app":
      return restartApp(asking, call);
    case "kill-tasks":
      return killTasks(asking, call);
    case "create-group":
      return createGroup(asking, call);
    case "update-group":
      return updateGroup(asking, call);
    case "patch-group":
      return patchGroup(asking, call);
    case "delete-group":
      return deleteGroup(asking, call);
    case "create-pod":
      return createPod(asking, call);
    case "update-pod":
      return updatePod(asking, call);
    case "delete-pod":
      return deletePod(asking, call);
    case "kill-instances":
      return killInstances(asking, call);
    case "cancel-deployment":
      return cancelDeployment(asking, call);
    case "reset-delay":
      return resetDelay(asking, call);
  }
}
