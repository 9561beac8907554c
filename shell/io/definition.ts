import { Failure } from "../core/failure.ts";
import type { Invocation } from "../invocation.ts";
import { fileName, readNamed } from "./read-file.ts";

/** The JSON of a definition: of a file, or of stdin for `-`. */
export function readDefinition({ row }: Invocation, file: string): Record<string, unknown> {
  const text = readNamed(file, row.path).toString();
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === "object" && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
    throw new Error("it holds no JSON object");
  } catch (error) {
    // Of a file that is something else the parser quotes some lines.
    const why = (error as Error).message.replace(/\s+/g, " ");
    throw new Failure("bad-file", { file: fileName(file), why, command: row.path });
  }
}
