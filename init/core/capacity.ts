import type { UpgradeStrategy } from "@meseta/api/marathon/strategy.ts";

export interface Capacity {
  /** Our own kills leave at least so many healthy. */
  readonly minHealthy: number;
  /** Our own launches lead to at most so many alive. */
  readonly maxAlive: number;
}

/** ceil(target × minimumHealthCapacity) and floor(target × (1 + maximumOverCapacity)). */
export function capacityOf(target: number, strategy: UpgradeStrategy): Capacity {
  return {
    minHealthy: Math.ceil(exact(target * strategy.minimumHealthCapacity)),
    maxAlive: Math.floor(exact(target * (1 + strategy.maximumOverCapacity))),
  };
}

// 100 × 0.07 is a little more than 7 in binary, and must not become 8.
function exact(product: number): number {
  return Math.round(product * 1e9) / 1e9;
}
