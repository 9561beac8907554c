/**
 * The text of a settings file with one setting changed, everything else as it stood: `name`, or `section.name` below its section. A file that is
 * a JSON object is left to its owner.
 */
export function withSetting(
  text: string,
  name: string,
  value: string,
): { readonly text: string } | { readonly error: string } {
  if (text.trim().startsWith("{")) return { error: "it is a JSON object: change it by hand" };
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const dot = name.indexOf(".");
  const outcome =
    dot < 0 ? setTop(lines, name, value) : setBelow(lines, name.slice(0, dot), name.slice(dot + 1), value);
  return { text: `${outcome.join("\n")}\n` };
}

function setTop(lines: readonly string[], name: string, value: string): string[] {
  const at = lines.findIndex((line) => line.startsWith(`${name}:`));
  const line = `${name}: ${written(value)}`;
  // In front, because a line at the end might be taken for one of the last section.
  return at < 0 ? [line, ...lines] : lines.with(at, line);
}

function setBelow(lines: readonly string[], section: string, name: string, value: string): string[] {
  const line = `  ${name}: ${written(value)}`;
  const head = lines.findIndex((one) => one.trimEnd() === `${section}:`);
  if (head < 0) return [...lines, `${section}:`, line];
  const length = lines.slice(head + 1).findIndex((one) => /^\S/.test(one));
  const end = length < 0 ? lines.length : head + 1 + length;
  const at = lines.findIndex((one, index) => index > head && index < end && one.trim().startsWith(`${name}:`));
  return at < 0 ? lines.toSpliced(head + 1, 0, line) : lines.with(at, line);
}

function written(value: string): string {
  if (/^[\w./:@*,+-]+$/.test(value)) return value;
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
