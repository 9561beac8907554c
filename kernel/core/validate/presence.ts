import { type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";

/** A call has a type, and the sub-message that bears the type's name in small letters when the type is one that needs it. */
export function validatePresence(
  call: { readonly type?: string | undefined },
  needing: ReadonlySet<string>,
): Refusal | undefined {
  if (call.type === undefined) return refuse("Expecting 'type' to be present");
  const part = call.type.toLowerCase();
  if (!needing.has(call.type) || (call as Readonly<Record<string, unknown>>)[part] !== undefined) return undefined;
  return refuse(`Expecting '${part}' to be present`);
}
