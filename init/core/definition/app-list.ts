import { arrayBody } from "@meseta/api/json-body/body.ts";
import { type Outcome, type Refusal, refuse } from "@meseta/api/json-body/outcome.ts";
import { isObject } from "@meseta/api/json-body/read.ts";
import type { App } from "@meseta/api/marathon/app.ts";
import { type AppUpdate, readAppUpdate } from "./app.ts";
import { resolvePath } from "./path.ts";
import type { Settings } from "./settings.ts";

export interface ListReading {
  readonly settings: Settings;
  readonly apps: ReadonlyMap<string, App>;
  readonly isPartial: boolean;
  /** PATCH changes what is there and makes nothing. */
  readonly mustExist: boolean;
}

/** The updates of `PUT /v2/apps` and `PATCH /v2/apps`: an array, each member with its id, all refused when one is. */
export function readAppUpdates(
  body: unknown,
  { settings, apps, isPartial, mustExist }: ListReading,
): Outcome<readonly { readonly id: string; readonly update: AppUpdate }[]> {
  const members = arrayBody(body);
  if ("refusal" in members) return members;
  const updates: { id: string; update: AppUpdate }[] = [];
  for (const [index, member] of members.value.entries()) {
    const at = `(${index})`;
    const id = isObject(member) && typeof member["id"] === "string" ? resolvePath(member["id"]) : undefined;
    if (id === undefined) return { refusal: idMissing(at) };
    if (mustExist && !apps.has(id)) return refuse(404, `App '${id}' does not exist`);
    const update = readAppUpdate(member, apps.get(id), { settings, at, id, isPartial });
    if ("refusal" in update) return update;
    updates.push({ id, update: update.value });
  }
  return { value: updates };
}

function idMissing(at: string): Refusal {
  const details = [{ path: `${at}/id`, errors: ["error.path.missing"] }];
  return { status: 422, body: { message: "Invalid JSON", details } };
}
