import { fromJson, fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { parseJson } from "@meseta/api/mesos/codec/json-text.ts";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { WireError } from "@meseta/api/mesos/codec/wire-error.ts";
import type { Call } from "@meseta/api/mesos/generated/master.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { MASTER_BOUNDS } from "../../core/master/bounds.ts";

/** The older endpoints whose bodies change something. */
export type LegacyWrite = keyof typeof CALLS;

/** The call of the v1 API that does what a POST of this body to an older endpoint does, or the text of the 400 that answers it. */
export function legacyCall(
  path: LegacyWrite,
  body: Uint8Array,
): { ok: true; call: Call } | { ok: false; text: string } {
  try {
    return { ok: true, call: CALLS[path](body) };
  } catch (error) {
    if (error instanceof Malformed || error instanceof WireError) return { ok: false, text: error.message };
    throw error;
  }
}

/** What is wrong with a form or a list, as the text of its 400. */
class Malformed extends Error {}

const CALLS = {
  "/teardown": (body: Uint8Array): Call => ({
    type: "TEARDOWN",
    teardown: { framework_id: { value: form(body).field("frameworkId") } },
  }),
  "/reserve": (body: Uint8Array): Call => {
    const fields = form(body);
    return {
      type: "RESERVE_RESOURCES",
      reserve_resources: {
        agent_id: fields.agentId(),
        resources: fields.resources("resources"),
        ...(fields.has("source") ? { source: fields.resources("source") } : {}),
      },
    };
  },
  "/unreserve": (body: Uint8Array): Call => {
    const fields = form(body);
    const [agent_id, resources] = [fields.agentId(), fields.resources("resources")];
    return { type: "UNRESERVE_RESOURCES", unreserve_resources: { agent_id, resources } };
  },
  "/create-volumes": (body: Uint8Array): Call => ({ type: "CREATE_VOLUMES", create_volumes: volumesIn(body) }),
  "/destroy-volumes": (body: Uint8Array): Call => ({ type: "DESTROY_VOLUMES", destroy_volumes: volumesIn(body) }),
  "/machine/down": (body: Uint8Array): Call => ({ type: "START_MAINTENANCE", start_maintenance: machinesIn(body) }),
  "/machine/up": (body: Uint8Array): Call => ({ type: "STOP_MAINTENANCE", stop_maintenance: machinesIn(body) }),
  "/maintenance/schedule": (body: Uint8Array): Call => ({
    type: "UPDATE_MAINTENANCE_SCHEDULE",
    update_maintenance_schedule: { schedule: fromJsonText("mesos.v1.maintenance.Schedule", decodeUtf8(body)) },
  }),
  "/weights": (body: Uint8Array): Call => ({
    type: "UPDATE_WEIGHTS",
    update_weights: { weight_infos: list(decodeUtf8(body), "mesos.v1.WeightInfo") },
  }),
  "/quota": (body: Uint8Array): Call => ({
    type: "SET_QUOTA",
    set_quota: { quota_request: fromJsonText("mesos.v1.quota.QuotaRequest", decodeUtf8(body)) },
  }),
};

function volumesIn(body: Uint8Array) {
  const fields = form(body);
  return { agent_id: fields.agentId(), volumes: fields.resources("volumes") };
}

function machinesIn(body: Uint8Array) {
  return { machines: list(decodeUtf8(body), "mesos.v1.MachineID") };
}

const MOST_FIELDS = MASTER_BOUNDS.formFields.most;
const MOST_FORM_BYTES = MASTER_BOUNDS.formBytes.most;

function form(body: Uint8Array): Form {
  if (body.length > MOST_FORM_BYTES) throw new Malformed(`Expecting a form of at most ${MOST_FORM_BYTES} bytes`);
  const fields = decodeUtf8(body);
  for (let count = 1, at = fields.indexOf("&"); at >= 0; at = fields.indexOf("&", at + 1))
    if (++count > MOST_FIELDS) throw new Malformed(`Expecting at most ${MOST_FIELDS} fields in the request body`);
  return new Form(fields);
}

class Form {
  readonly #fields: URLSearchParams;

  constructor(text: string) {
    this.#fields = new URLSearchParams(text);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  field(name: string): string {
    const value = this.#fields.get(name);
    if (value === null) throw new Malformed(`Missing '${name}' query parameter in the request body`);
    return value;
  }

  agentId(): { value: string } {
    return { value: this.field("slaveId") };
  }

  resources(name: string): WireTypes["mesos.v1.Resource"][] {
    const value = this.field(name);
    try {
      return list(value, "mesos.v1.Resource");
    } catch (error) {
      const reason = (error as Error).message;
      throw new Malformed(`Error in parsing '${name}' query parameter in the request body: ${reason}`);
    }
  }
}

function list<T extends WireType>(text: string, type: T): WireTypes[T][] {
  const value = parseJson(text);
  if (!Array.isArray(value)) throw new Malformed("Expecting a JSON array");
  return value.map((item) => fromJson(type, item));
}
