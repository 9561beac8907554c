import { fromJson } from "../codec/from-json.ts";
import { parseJson } from "../codec/json-text.ts";
import { WireError } from "../codec/wire-error.ts";
import type { Resource } from "../generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { sum } from "./bag.ts";
import { upgrade } from "./formats.ts";
import { parseResources } from "./parse.ts";
import { validateResources } from "./validate.ts";

/**
 * Reads an agent's resources in either form that `--resources` takes: text (see `parseResources`) or, for what text cannot say (disks of their own,
 * labels), a JSON array of Resource objects. In both, what names no role belongs to `defaultRole`.
 */
export function readResources(text: string, defaultRole = "*"): Resource[] | Refusal {
  return text.trimStart().startsWith("[") ? readJson(text, defaultRole) : parseResources(text, defaultRole);
}

function readJson(text: string, defaultRole: string): Resource[] | Refusal {
  const list = decoded(text);
  if (isRefusal(list)) return list;
  const resources = list.map((resource) => upgrade(hasRole(resource) ? resource : { ...resource, role: defaultRole }));
  return validateResources(resources) ?? sum([resources]);
}

function decoded(text: string): Resource[] | Refusal {
  try {
    const list = parseJson(text);
    return Array.isArray(list)
      ? list.map((item) => fromJson("mesos.v1.Resource", item))
      : refuse("Resources in JSON must be an array");
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return refuse(`Resources in JSON cannot be read: ${error.message}`);
  }
}

function hasRole({ role, reservations }: Resource): boolean {
  return role !== undefined || (reservations?.length ?? 0) > 0;
}
