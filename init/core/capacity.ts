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

/** How many live at most, whatever comes and goes: where both bounds are one number, an upgrade needs one more, unless a volume allows no second one. */
export function mostAlive(target: number, strategy: UpgradeStrategy, isResident: boolean): number {
  const { minHealthy, maxAlive } = capacityOf(target, strategy);
  return minHealthy === maxAlive && maxAlive > 0 && !isResident ? maxAlive + 1 : maxAlive;
}

// 100 × 0.07 is a little more than 7 in binary, and must not become 8.
function exact(product: number): number {
  return Math.round(product * 1e9) / 1e9;
}
