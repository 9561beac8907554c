// YAML out, for `-o yaml`: plain block style that every YAML reader takes. In: lines
// `name: value` with one level of sections, which is all that the configuration file needs.

/** The value as a YAML document without the leading dashes; ends with a line feed. */
export function toYaml(value: unknown): string {
  const lines: string[] = [];
  write(lines, value, "", "");
  return `${lines.join("\n")}\n`;
}

function write(lines: string[], value: unknown, lead: string, indent: string): void {
  const isList = Array.isArray(value);
  if (typeof value !== "object" || value === null) return void lines.push(lead + scalar(value));
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return void lines.push(`${lead}${isList ? "[]" : "{}"}`);
  let first = lead;
  for (const [key, item] of entries) {
    const label = isList ? `${first}- ` : `${first}${scalar(key)}:`;
    first = indent;
    if (isList) write(lines, item, label, `${indent}  `);
    else if (isEmpty(item)) write(lines, item, `${label} `, indent);
    else {
      lines.push(label);
      write(lines, item, `${indent}  `, `${indent}  `);
    }
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

// Words that YAML 1.1 or 1.2 would read as something else, and texts with marks of its own, go between quotes.
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value ?? null);
  const plain = /^[A-Za-z_/][\w ./()*%+-]*$/.test(value) && !value.endsWith(" ");
  const special = /^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return plain && !special ? value : JSON.stringify(value);
}

/** The settings of a file, by name or section.name: a JSON object, or lines `name: value` with at most one level of sections. */
export function parseSettings(
  text: string,
): { readonly values: ReadonlyMap<string, string> } | { readonly error: string } {
  if (text.trim().startsWith("{")) return parseObject(text);
  const values = new Map<string, string>();
  let section = "";
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*(#.*|---)?$/.test(line)) continue;
    const pair = /^(\s*)([A-Za-z][\w-]*):(?:\s+(.*?))?\s*$/.exec(line);
    if (!pair) return { error: `line ${index + 1} is not of the form "name: value"` };
    const name = pair[2]!.replaceAll("_", "-");
    const value = unquote(pair[3] ?? "");
    const isTop = pair[1] === "";
    if (isTop) section = value === "" ? `${name}.` : "";
    if (value !== "") values.set(isTop ? name : section + name, value);
  }
  return { values };
}

function parseObject(text: string): ReturnType<typeof parseSettings> {
  try {
    const values = new Map<string, string>();
    for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
      const isSection = typeof value === "object" && value !== null && !Array.isArray(value);
      if (!isSection) values.set(name, String(value));
      else for (const [inner, each] of Object.entries(value)) values.set(`${name}.${inner}`, String(each));
    }
    return { values };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function unquote(text: string): string {
  const quoted = /^"(.*)"(?:\s+#.*)?$|^'(.*)'(?:\s+#.*)?$/.exec(text);
  return quoted ? (quoted[1] ?? quoted[2] ?? "") : text.replace(/(^|\s+)#.*$/, "");
}
