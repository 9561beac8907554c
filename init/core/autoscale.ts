import type { Autoscale } from "@meseta/api/marathon/app.ts";

/** What was measured at one time. */
export interface Samples {
  /** How many instances are wanted. */
  readonly instances: number;
  /** What those that answered measured, each its own: the share of its cpus or memory that it uses, its metric, the length of the queue as it sees it. */
  readonly values: readonly number[];
}

/** What must be remembered from one decision to the next. */
export interface Course {
  /** When the number last changed, whoever changed it. */
  readonly changedAtMs: number;
  /** What the samples asked for since, the newest last; for as long as a cool-down. */
  readonly asked: readonly Asked[];
}

interface Asked {
  readonly atMs: number;
  readonly count: number;
}

export interface Decision {
  /** How many instances there should be: those that there are when nothing is to change. */
  readonly count: number;
  /** Why, in a sentence. */
  readonly why: string;
  readonly course: Course;
}

/** By how much what is measured may be off its target without anything being done: a tenth. */
export const TOLERANCE = 0.1;

/**
 * How many instances the samples ask for: as many as bring what is measured to its target, within the bounds of the policy. Nothing changes before the
 * cool-down after the last change is over; growth at most doubles (or adds 4); and it shrinks only to the most that was asked for during a whole
 * cool-down, so that a load that comes and goes does not make it flap. Who did not answer counts as idle where it would grow, and as on target where it
 * would shrink. No instances at all are nothing to go by: then somebody has switched it off. Source: the rules of Kubernetes' HorizontalPodAutoscaler.
 */
export function decide(policy: Autoscale, samples: Samples, course: Course, nowMs: number): Decision {
  const coolDownMs = policy.coolDownSeconds * 1000;
  const { instances } = samples;
  const wanted = bounded(policy, askedFor(policy, samples));
  const asked = [...since(course.asked, nowMs - coolDownMs), { atMs: nowMs, count: wanted }];
  const stay = (why: string): Decision => ({ count: instances, why, course: { ...course, asked } });
  const change = (count: number, why: string): Decision => ({ count, why, course: { changedAtMs: nowMs, asked: [] } });
  if (instances === 0) return stay("it has no instances, and so is switched off");
  if (bounded(policy, instances) !== instances)
    return change(bounded(policy, instances), outsideText(policy, instances));
  if (nowMs < course.changedAtMs + coolDownMs) return stay("it changed less than a cool-down ago");
  const why = measuredText(policy, samples);
  if (wanted === instances) return stay(why);
  if (wanted > instances) return change(Math.min(wanted, Math.max(2 * instances, instances + 4)), why);
  if (asked[0]!.atMs > nowMs - coolDownMs) return stay("it has been watched for less than a cool-down");
  const most = asked.reduce((found, { count }) => Math.max(found, count), 0);
  return most < instances ? change(most, why) : stay("more was asked for within the last cool-down");
}

/** What a policy aims at. */
export function targetOf({ cpu, mem, metric, queue }: Autoscale): number {
  return cpu ?? mem ?? metric?.target ?? queue?.target ?? Number.NaN;
}

function bounded({ minInstances, maxInstances }: Autoscale, count: number): number {
  return Math.min(maxInstances, Math.max(minInstances, count));
}

/** What was asked for since then, and what held when that time began. */
function since(asked: readonly Asked[], fromMs: number): readonly Asked[] {
  return asked.slice(
    Math.max(
      0,
      asked.findLastIndex(({ atMs }) => atMs <= fromMs),
    ),
  );
}

/** How many it would take, whatever the bounds. */
function askedFor(policy: Autoscale, { instances, values }: Samples): number {
  if (values.length === 0) return instances;
  const target = targetOf(policy);
  const { load, missing } = measure(policy, { instances, values });
  const isBusy = load > target * (instances - missing);
  const total = isBusy ? load : load + missing * target;
  const ratio = total / (target * instances);
  if (Math.abs(ratio - 1) <= TOLERANCE || (isBusy && ratio < 1)) return instances;
  return Math.ceil(Math.round((total / target) * 1e9) / 1e9);
}

/** The load of all that answered, and how many did not. A queue is one for all, so there nobody is missed. */
function measure({ queue }: Autoscale, { instances, values }: Samples): { load: number; missing: number } {
  if (queue !== undefined) return { load: Math.max(...values), missing: 0 };
  const load = values.reduce((sum, value) => sum + value, 0);
  return { load, missing: Math.max(0, instances - values.length) };
}

function outsideText({ minInstances, maxInstances }: Autoscale, instances: number): string {
  if (instances < minInstances) return `${instances} are fewer than minInstances, ${minInstances}`;
  return `${instances} are more than maxInstances, ${maxInstances}`;
}

function measuredText(policy: Autoscale, { instances, values }: Samples): string {
  if (values.length === 0) return "no instance has answered";
  const { metric, queue } = policy;
  const { load } = measure(policy, { instances, values });
  const mean = load / values.length;
  if (queue) return `${queue.name} is ${short(load)}; the target is ${queue.target} for each instance`;
  if (metric) return `${metric.name} is ${short(mean)} on average; the target is ${metric.target}`;
  const what = policy.cpu === undefined ? "memory" : "cpus";
  return `instances use ${percent(mean)} of their ${what} on average; the target is ${percent(targetOf(policy))}`;
}

function percent(share: number): string {
  return `${short(share * 100)}%`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
