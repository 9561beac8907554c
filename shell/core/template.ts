// The `-o '{{…}}'` language: text with paths into the object, as in '{{agent_info.hostname}} {{json .total_resources}}'.
// A leading dot is allowed because users of docker write one; `\n` and `\t` stand for what they stand for in C.

/** The template filled in from one item. Missing values are empty; objects and lists are written as JSON. */
export function fillTemplate(template: string, item: unknown): string {
  return template
    .replaceAll(/\\([nt])/g, (_, letter: string) => (letter === "n" ? "\n" : "\t"))
    .replaceAll(/\{\{\s*(json\s+)?([^}\s]*)\s*\}\}/g, (_, json: string | undefined, path: string) => {
      const value = at(item, path);
      return json ? (JSON.stringify(value) ?? "null") : asText(value);
    });
}

/** The value at a dotted path; numbers index lists, `.` alone is the item. Undefined where the path leads nowhere. */
export function at(item: unknown, path: string): unknown {
  let value: unknown = item;
  for (const step of path.split(".")) {
    if (step === "") continue;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

export function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
