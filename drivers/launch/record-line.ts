/** A line of the launcher's record, with its checksum, as record_line of spawner.pl makes it: for tests that bring their own past. */
export function recordLine(...fields: readonly (string | number)[]): string {
  const text = fields.join("\t");
  return `${checksum(text)}\t${text}\n`;
}

// The sum of the text's 32-bit words, and that of its 16-bit words moved by one byte.
function checksum(text: string): string {
  const words = Buffer.from(text + "\0\0\0");
  const halves = Buffer.from(`\0${text}\0`);
  let [sum, moved] = [0, 0];
  for (let at = 0; at + 4 <= words.length; at += 4) sum = (sum + words.readUInt32BE(at)) % 2 ** 32;
  for (let at = 0; at + 2 <= halves.length; at += 2) moved = (moved + halves.readUInt16BE(at)) % 2 ** 32;
  return sum.toString(16).padStart(8, "0") + moved.toString(16).padStart(8, "0");
}
