import type { Query, Reading } from "../query.ts";
import { readApp, readApps, readAppsBelow, readAppTasks, readGroupApps } from "./apps.ts";
import { readDeployments } from "./deployments.ts";
import { explain } from "./explain.ts";
import { readGroup } from "./groups.ts";
import { readInfo } from "./info.ts";
import { lookAt } from "./look.ts";
import { readPodStatus, readPodStatuses } from "./pod-status.ts";
import { readPod, readPods } from "./pods.ts";
import { readQueue } from "./queue.ts";
import type { Seen } from "./seen.ts";
import { readTasks } from "./tasks.ts";
import * as versions from "./versions.ts";

/** What a client asked to see, as the state is now: status and JSON, or the lines of /v2/tasks. Errors are readings too: 404, 422. Source: Marathon's REST API v2. */
export function readQuery(state: Seen, query: Query, nowMs: number): Reading {
  switch (query.kind) {
    case "apps":
      return readApps(query, lookAt(state, nowMs));
    case "app":
      return readApp(query, lookAt(state, nowMs));
    case "apps-below":
      return readAppsBelow(query, lookAt(state, nowMs));
    case "app-tasks":
      return readAppTasks(query, lookAt(state, nowMs));
    case "app-versions":
      return versions.readAppVersions(query, state);
    case "app-version":
      return versions.readAppVersion(query, state);
    case "tasks":
      return readTasks(query, lookAt(state, nowMs));
    case "group":
      return readGroup(query, lookAt(state, nowMs));
    case "group-apps":
      return readGroupApps(query, lookAt(state, nowMs));
    case "group-versions":
      return versions.readGroupVersions(query, state);
    case "group-version":
      return versions.readGroupVersion(query, state);
    case "pods":
      return readPods(state);
    case "pod":
      return readPod(query, state);
    case "pod-statuses":
      return readPodStatuses(state);
    case "pod-status":
      return readPodStatus(query, state);
    case "pod-versions":
      return versions.readPodVersions(query, state);
    case "pod-version":
      return versions.readPodVersion(query, state);
    case "deployments":
      return readDeployments(state);
    case "queue":
      return readQueue(query, state, nowMs);
    case "info":
      return readInfo(state);
    case "explain":
      return explain(query, state, nowMs);
  }
}
