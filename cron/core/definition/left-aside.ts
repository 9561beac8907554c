import { type Kind, object } from "@meseta/api/json-body/field.ts";
import { type LeftAside, leftAside } from "@meseta/api/json-body/left-aside.ts";
import type { Call } from "../call.ts";
import { CHRONOS_FIELDS } from "./chronos-fields.ts";
import { METRONOME_FIELDS, SCHEDULE_FIELDS, SCHEDULED_JOB_FIELDS } from "./metronome-fields.ts";

/** What a call's body says that nothing reads and was probably meant as something else. */
export function leftAsideBy(call: Call): LeftAside[] {
  const kind = bodyOf(call);
  return kind === undefined || !("body" in call) ? [] : leftAside(kind, call.body, SHOWN_ONLY);
}

function bodyOf(call: Call): Kind | undefined {
  switch (call.kind) {
    case "chronos-put":
      return object(CHRONOS_FIELDS);
    case "create-job":
    case "update-job":
      return object(call.isWhole ? SCHEDULED_JOB_FIELDS : METRONOME_FIELDS);
    case "create-schedule":
    case "update-schedule":
      return object(SCHEDULE_FIELDS);
    default:
      return undefined;
  }
}

/** In answers about jobs, which people change and send back. */
const SHOWN_ONLY: ReadonlySet<string> = new Set(["activeRuns", "history", "historySummary", "nextRunAt", "schedules"]);
