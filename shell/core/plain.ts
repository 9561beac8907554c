// What tasks, agents and users wrote is shown on a terminal, which obeys some characters instead of showing them.

/** The text without characters that a terminal obeys: each is shown as its picture. Line feeds and tabs become blanks. */
export function plain(text: string): string {
  return text.replace(/[\n\t]/g, " ").replace(OBEYED, picture);
}

/** The same for a text that may have several lines. */
export function plainLines(text: string): string {
  return text.replace(OBEYED, picture);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

function picture(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
}
