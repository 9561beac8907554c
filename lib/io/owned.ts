/** The memory of those that are bytes and have it for themselves: it can change from one thread to another without a copy. */
export function owned(values: readonly unknown[]): ArrayBuffer[] {
  return values.flatMap((value) => (value instanceof Uint8Array && ownsMemory(value) ? [value.buffer] : []));
}

/** Whether nobody else's bytes are in the same memory. */
export function ownsMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
}
