import type { ChronosRefusal, MetronomeRefusal } from "../definition/refusal.ts";
import type { Reading } from "../query.ts";

export function shown(value: unknown): Reading {
  return { status: 200, pieces: [JSON.stringify(value)] };
}

export function refused({ refusal }: { readonly refusal: ChronosRefusal | MetronomeRefusal }): Reading {
  return { status: refusal.status, pieces: [JSON.stringify(refusal.body)] };
}
