import { fromJson, fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { parseJson } from "@meseta/api/mesos/codec/json-text.ts";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { WireError } from "@meseta/api/mesos/codec/wire-error.ts";
import type { Call } from "@meseta/api/mesos/generated/master.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, Request } from "@meseta/lib/io/http/request.ts";
import { onlyMethods, type Routes } from "@meseta/lib/io/http/router.ts";
import { type Front, led } from "./front.ts";
import { postCall } from "./operator.ts";

/** The older endpoints that change something: each is the call of the v1 API that does the same. */
export function writeRoutes(front: Front): Routes {
  const write = (callOf: (request: Request) => Call) => writing(front, callOf);
  const post = (callOf: (request: Request) => Call) => onlyMethods(["POST"], write(callOf));
  return {
    "/teardown": post((request) => ({
      type: "TEARDOWN",
      teardown: { framework_id: { value: field(request, "frameworkId") } },
    })),
    "/reserve": post((request) => ({
      type: "RESERVE_RESOURCES",
      reserve_resources: {
        agent_id: agentId(request),
        resources: resources(request, "resources"),
        ...(form(request).has("source") ? { source: resources(request, "source") } : {}),
      },
    })),
    "/unreserve": post((request) => ({
      type: "UNRESERVE_RESOURCES",
      unreserve_resources: { agent_id: agentId(request), resources: resources(request, "resources") },
    })),
    "/create-volumes": post((request) => ({
      type: "CREATE_VOLUMES",
      create_volumes: { agent_id: agentId(request), volumes: resources(request, "volumes") },
    })),
    "/destroy-volumes": post((request) => ({
      type: "DESTROY_VOLUMES",
      destroy_volumes: { agent_id: agentId(request), volumes: resources(request, "volumes") },
    })),
    "/machine/down": post((request) => ({
      type: "START_MAINTENANCE",
      start_maintenance: { machines: list(request, "mesos.v1.MachineID") },
    })),
    "/machine/up": post((request) => ({
      type: "STOP_MAINTENANCE",
      stop_maintenance: { machines: list(request, "mesos.v1.MachineID") },
    })),
    "/maintenance/schedule": write((request) => ({
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: { schedule: fromJsonText("mesos.v1.maintenance.Schedule", text(request)) },
    })),
    "/weights": write((request) => ({
      type: "UPDATE_WEIGHTS",
      update_weights: { weight_infos: list(request, "mesos.v1.WeightInfo") },
    })),
    "/quota": write((request) => ({
      type: "SET_QUOTA",
      set_quota: { quota_request: fromJsonText("mesos.v1.quota.QuotaRequest", text(request)) },
    })),
    "/quota/*": onlyMethods(
      ["DELETE"],
      write(({ path }) => ({ type: "REMOVE_QUOTA", remove_quota: { role: path.slice("/quota/".length) } })),
    ),
    "/logging/toggle": (request) => toggleLogging(front, request),
  };
}

/** What is wrong with the form or body of a request, as the text of its 400. */
class Malformed extends Error {}

function writing(front: Front, callOf: (request: Request) => Call): Handler {
  return led(front, (request, reply) => {
    try {
      return postCall(front, callOf(request), request, reply, "application/json");
    } catch (error) {
      if (error instanceof Malformed || error instanceof WireError) return textAnswer(400, error.message);
      throw error;
    }
  });
}

function text(request: Request): string {
  return decodeUtf8(request.body);
}

/** No form here has more fields than four; a body of millions would be taken apart for minutes. */
const MOST_FIELDS = 64;
const MOST_FORM_BYTES = 4 * 1024 * 1024;

function form(request: Request): URLSearchParams {
  if ((request.large?.length ?? request.body.length) > MOST_FORM_BYTES)
    throw new Malformed(`Expecting a form of at most ${MOST_FORM_BYTES} bytes`);
  const fields = text(request);
  for (let count = 1, at = fields.indexOf("&"); at >= 0; at = fields.indexOf("&", at + 1))
    if (++count > MOST_FIELDS) throw new Malformed(`Expecting at most ${MOST_FIELDS} fields in the request body`);
  return new URLSearchParams(fields);
}

function field(request: Request, name: string): string {
  const value = form(request).get(name);
  if (value === null) throw new Malformed(`Missing '${name}' query parameter in the request body`);
  return value;
}

function agentId(request: Request): { value: string } {
  return { value: field(request, "slaveId") };
}

function resources(request: Request, name: string) {
  const value = field(request, name);
  try {
    return items(parseJson(value), "mesos.v1.Resource");
  } catch (error) {
    const reason = (error as Error).message;
    throw new Malformed(`Error in parsing '${name}' query parameter in the request body: ${reason}`);
  }
}

function list<T extends WireType>(request: Request, type: T): WireTypes[T][] {
  return items(parseJson(text(request)), type);
}

function items<T extends WireType>(value: unknown, type: T): WireTypes[T][] {
  if (!Array.isArray(value)) throw new Malformed("Expecting a JSON array");
  return value.map((item) => fromJson(type, item));
}

/** /logging/toggle?level=1&duration=5mins; without both, the level as it is. */
function toggleLogging({ verbosity }: Front, { query }: Request) {
  const level = query.get("level");
  const duration = query.get("duration");
  if (level === null && duration === null) return textAnswer(200, `${verbosity.level}\n`);
  if (level === null) return textAnswer(400, "Expecting 'level=value' in query.\n");
  if (duration === null) return textAnswer(400, "Expecting 'duration=value' in query.\n");
  const durationMs = parseDurationMs(duration);
  if (durationMs === undefined) return textAnswer(400, `Failed to parse duration '${duration}'.\n`);
  const problem = verbosity.set(level === "" ? Number.NaN : Number(level), durationMs);
  return problem === undefined ? { status: 200 } : textAnswer(400, `${problem}.\n`);
}
