// As large as Node's own pool: what waits for a slow reader keeps its whole block.
const blockBytes = 8 * 1024;
const mostShared = 1024;

let block = new ArrayBuffer(blockBytes);
let used = 0;

/**
 * Zeroed bytes. A few are cut from a block that they share: an ArrayBuffer of its own costs a microsecond, and the garbage collector as much again.
 * A block lives as long as any of its parts.
 */
export function room(length: number): Uint8Array<ArrayBuffer> {
  if (length > mostShared) return new Uint8Array(length);
  if (used + length > blockBytes) {
    block = new ArrayBuffer(blockBytes);
    used = 0;
  }
  const bytes = new Uint8Array(block, used, length);
  used += length;
  return bytes;
}
