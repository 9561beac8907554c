/** Longer texts are left to the platform, which is faster with them. */
const longest = 64;

/** The value of each character, or 64 for those that are none of base64's. */
const values = new Uint8Array(128).fill(64);
for (const [value, letter] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries())
  values[letter.charCodeAt(0)] = value;

/**
 * Writes the bytes of a short text in plain base64 (a uuid, mostly) at `at`, and returns how many they are; -1 when the text is long or not plain, and
 * the platform must look at it. The caller has made room.
 */
export function writeBase64(bytes: Uint8Array, at: number, text: string): number {
  const length = text.length;
  if (length > longest || length % 4 !== 0) return -1;
  let to = at;
  for (let i = 0; i < length; i += 4) {
    const a = valueAt(text, i);
    const b = valueAt(text, i + 1);
    const c = valueAt(text, i + 2);
    const d = valueAt(text, i + 3);
    if ((a | b | c | d) >= 64) return writeEnd(bytes, at, to, text, i);
    bytes[to++] = (a << 2) | (b >> 4);
    bytes[to++] = (b << 4) | (c >> 2);
    bytes[to++] = (c << 6) | d;
  }
  return to - at;
}

// The last four characters may be padded.
function writeEnd(bytes: Uint8Array, at: number, to: number, text: string, i: number): number {
  const [a, b, c] = [valueAt(text, i), valueAt(text, i + 1), valueAt(text, i + 2)];
  if (i + 4 !== text.length || text[i + 3] !== "=" || (a | b) >= 64) return -1;
  bytes[to++] = (a << 2) | (b >> 4);
  if (text[i + 2] === "=") return to - at;
  if (c >= 64) return -1;
  bytes[to++] = (b << 4) | (c >> 2);
  return to - at;
}

function valueAt(text: string, i: number): number {
  const unit = text.charCodeAt(i);
  return unit < 128 ? values[unit]! : 64;
}
