/**
 * Bounds on what a peer may make us build from one body. A body of 32 MiB can hold sixteen million empty messages, so
 * the bytes alone are no bound on memory.
 */
export const limits = {
  /** Objects and arrays inside one another. */
  depth: 64,
  /** Keys in one JSON object. */
  keysPerObject: 65_536,
  /** JSON values, or protobuf list elements and sub-messages, in one body. */
  values: 2_097_152,
} as const;
