import { type Bound, WHY } from "@meseta/lib/core/bound.ts";

/** Master and agents show files alike. */
export const FILE_BYTES = {
  what: "Bytes of a file in one answer",
  most: 16 * 4096,
  unit: "bytes",
  fixed: "Mesos' own, which clients count on",
  unseen: WHY.page,
  outcome: "the rest by `offset`",
} as const satisfies Bound;
