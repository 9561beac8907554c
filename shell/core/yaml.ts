// YAML out, for `-o yaml`: plain block style that every YAML reader takes. In: only flat `key: value` lines, which is all
// that the configuration file needs.

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

/** The settings of a file: a JSON object, or lines `key: value` with `#` comments. A line of another form is an error. */
export function parseFlat(text: string): { readonly values: Map<string, string> } | { readonly error: string } {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return parseObject(trimmed);
  const values = new Map<string, string>();
  for (const [index, line] of trimmed.split("\n").entries()) {
    const bare = line.replace(/(^|\s)#.*$/, "").trim();
    if (bare === "" || bare === "---") continue;
    const pair = /^([A-Za-z][\w.-]*)\s*:\s+(.*)$/.exec(bare);
    if (!pair || /^\s/.test(line)) return { error: `line ${index + 1} is not of the form "key: value"` };
    values.set(pair[1]!, unquote(pair[2]!));
  }
  return { values };
}

function parseObject(text: string): ReturnType<typeof parseFlat> {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const nested = entries.find(([, value]) => typeof value === "object" && !Array.isArray(value));
    if (nested) return { error: `the value of "${nested[0]}" is not a plain value` };
    return { values: new Map(entries.map(([key, value]) => [key, String(value)])) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function unquote(text: string): string {
  const quoted = /^"(.*)"$|^'(.*)'$/.exec(text);
  return quoted ? (quoted[1] ?? quoted[2] ?? "") : text;
}
