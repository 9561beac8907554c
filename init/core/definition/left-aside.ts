import { type Fields, type Kind, list, object, optional } from "@meseta/api/json-body/field.ts";
import { type LeftAside, leftAside } from "@meseta/api/json-body/left-aside.ts";
import type { Call } from "../call.ts";
import { ALL_FIELDS } from "./app.ts";
import { GROUP_FIELDS } from "./group.ts";
import { POD_FIELDS } from "./pod-fields.ts";

/** What a call's body says that nothing reads and was probably meant as something else. */
export function leftAsideBy(call: Call): LeftAside[] {
  const kind = bodyOf(call);
  return kind === undefined || !("body" in call) ? [] : leftAside(kind, call.body, SHOWN_ONLY);
}

function bodyOf(call: Call): Kind | undefined {
  switch (call.kind) {
    case "create-app":
      return APP;
    case "update-apps":
      return call.id === undefined ? list(APP) : APP;
    case "create-group":
    case "update-group":
      return object(GROUP);
    case "create-pod":
    case "update-pod":
      return object(POD_FIELDS);
    default:
      return undefined;
  }
}

const APP = object(ALL_FIELDS);

/** With what is in it, which is read one by one. */
const GROUP: Fields = {
  ...GROUP_FIELDS,
  apps: optional(list(APP)),
  get groups() {
    return optional(list(object(GROUP)));
  },
};

/** In answers about apps, which people change and send back. */
const SHOWN_ONLY: ReadonlySet<string> = new Set([
  ...["tasks", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "taskStats"],
  ...["deployments", "lastTaskFailure", "readinessCheckResults"],
]);
