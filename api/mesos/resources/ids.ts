/** The most bytes an id may have: ids become names of folders, and that is what file systems take. */
export const LONGEST_ID_BYTES = 255;

/** Why the text cannot be an id that a user chooses (task, executor, framework, persistence), or undefined when it can. */
export function idProblem(id: string): string | undefined {
  if (id === "") return "ID must not be empty";
  // A character has three bytes at most.
  if (id.length * 3 > LONGEST_ID_BYTES && byteLength(id) > LONGEST_ID_BYTES)
    return `ID must not be greater than ${LONGEST_ID_BYTES} characters`;
  if (id === "." || id === "..") return `'${id}' is disallowed`;
  return INVALID.test(id) ? `'${id}' contains invalid characters` : undefined;
}

/** How many bytes the text has in UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
const INVALID = /[\u0000-\u001f\u007f/\\]/;
