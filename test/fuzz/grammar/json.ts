import type { Random } from "@meseta/lib/core/random.ts";
import { anyValue, ODD_TEXTS, once, pick, Raw } from "./odd.ts";

/** The JSON of a value. With `oddity` n, one object in n has a key twice or one that nobody knows, and one text in n is written oddly; 0: never. */
export function printJson(value: unknown, random: Random, oddity: number): string {
  if (value instanceof Raw) return value.text;
  if (value === undefined) return "null";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return textText(value, random, oddity);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => printJson(item, random, oddity)).join(",")}]`;
  const members = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${printJson(item, random, oddity)}`,
  );
  if (oddity > 0 && once(random, oddity)) disturb(members, random);
  return `{${members.join(",")}}`;
}

// JSON.stringify makes null of these; whoever sends them writes them out.
function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return String(value);
}

function textText(value: string, random: Random, oddity: number): string {
  if (oddity === 0 || !once(random, oddity * 4)) return JSON.stringify(value);
  return `"${[...value].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
}

function disturb(members: string[], random: Random): void {
  const at = random.below(members.length + 1);
  if (members.length > 0 && once(random, 2)) {
    const [key] = members[random.below(members.length)]!.split(":", 1);
    members.splice(at, 0, `${key}:${printJson(anyValue(random, 1), random, 0)}`);
    return;
  }
  members.splice(at, 0, `${JSON.stringify(pick(random, ODD_TEXTS))}:${printJson(anyValue(random, 2), random, 0)}`);
}
