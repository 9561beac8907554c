import type { KillSelection } from "@meseta/api/marathon/strategy.ts";
import { isActive, isQueued } from "./instance/condition.ts";
import { type Candidate, killOrder } from "./victims.ts";

/** How many to kill and how many to start. Kills are confirmed before anything is started. */
export interface ScaleCounts {
  readonly kills: number;
  readonly starts: number;
}

/**
 * kills = max(counted − target, victims), starts = target − counted + kills. `counted` are the instances with goal Running that are not inactive;
 * `victims` how many of them somebody named to be killed.
 */
export function scaleCounts(target: number, counted: number, victims: number): ScaleCounts {
  const kills = Math.max(counted - target, victims);
  return { kills, starts: target - counted + kills };
}

export interface ScaleWish {
  readonly target: number;
  /** Instances that are to go whatever the order says; those that are gone already are not missed. */
  readonly victims?: readonly string[] | undefined;
  readonly killSelection: KillSelection;
  /** The fields by which instances are spread evenly. */
  readonly groupBy?: readonly string[] | undefined;
}

export interface ScaleStep {
  readonly kill: readonly Candidate[];
  readonly starts: number;
}

/** What brings these instances (goal Running, of one service) to the target: whom to kill, in order, and how many to start after that. */
export function planScale(wish: ScaleWish, instances: readonly Candidate[]): ScaleStep {
  const counted = instances.filter(({ condition }) => condition !== "UnreachableInactive");
  const named = new Set(wish.victims);
  const { kills, starts } = scaleCounts(wish.target, counted.length, counted.filter(({ id }) => named.has(id)).length);
  if (kills === 0) return { kill: [], starts };
  return { kill: killOrder(counted, { ...wish, victims: named, count: kills }), starts };
}

/** How many instances must yet turn healthy and ready before a scaling is over: max(0, target − those active or scheduled when it began). */
export function scaleWaitsFor(target: number, instances: readonly Candidate[]): number {
  const there = instances.filter(({ condition }) => isActive(condition) || isQueued(condition));
  return Math.max(0, target - there.length);
}
