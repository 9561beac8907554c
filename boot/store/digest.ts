import { createHash } from "node:crypto";

export type Records = readonly (readonly [key: string, value: string])[];

/** One number for all records in their order: two stores with the same one hold the same. */
export function digestOf(records: Records): string {
  const hash = createHash("sha256");
  for (const [key, value] of records) hash.update(`${key.length} ${value.length} ${key}${value}`);
  return hash.digest("hex");
}
