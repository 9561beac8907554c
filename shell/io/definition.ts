import { readFileSync } from "node:fs";
import { Failure } from "../core/failure.ts";
import type { Invocation } from "../invocation.ts";

/** The JSON of a definition: of a file, or of stdin for `-`. */
export function readDefinition({ row }: Invocation, file: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
    if (typeof found === "object" && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
    throw new Error("it holds no JSON object");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure("bad-file", { file: file === "-" ? "on stdin" : file, why, command: row.path });
  }
}
