import type { UpgradeStrategy } from "@meseta/api/marathon/strategy.ts";
import { type Capacity, capacityOf } from "./capacity.ts";

/** What a rolling restart remembers from one decision to the next: numbers only. */
export interface Restart extends Capacity {
  readonly target: number;
  readonly isResident: boolean;
  /** So many are left healthy where old ones have to make room for new ones: the lower bound, or, of who is to become more, as many as were wanted before. */
  readonly floor: number;
  /** Kills of old instances that are allowed and not yet done. */
  readonly kills: number;
}

/** The instances of one service while it is restarted, counted. Old and new tell the version before and after. */
export interface Replicas {
  /** Old, goal Running, still without a task: its launch is only queued. */
  readonly oldQueued: number;
  /** Old, goal Running, and healthy. */
  readonly oldHealthy: number;
  /** Old, goal Running, neither healthy nor queued; unreachable ones too. */
  readonly oldUnhealthy: number;
  /** Old, told to go, and still holding resources. */
  readonly oldDying: number;
  /** New, goal Running, in whatever condition. */
  readonly newStarted: number;
  /** New, goal Running, healthy and ready. */
  readonly newGood: number;
}

/** What to do now: how many to cancel, to kill and to launch. When nothing is to be done and `isDone` is false, something is under way. */
export interface RestartStep {
  readonly cancelQueued: number;
  readonly killUnhealthy: number;
  readonly killHealthy: number;
  /** New ones beyond the target, as a change in the middle of another leaves them. */
  readonly killNew: number;
  readonly launch: number;
  readonly isDone: boolean;
}

/**
 * A restart begins, of a service of which `before` were wanted until now: the bounds, and how many old instances may go at once. Where both bounds are one number and all are healthy there would be no
 * room to move: then one more may be alive, or, where a volume allows no second one, one less healthy.
 * Source: Marathon's TaskReplaceActor, as its documentation of upgradeStrategy tells it.
 */
export function beginRestart(
  target: number,
  strategy: UpgradeStrategy,
  isResident: boolean,
  now: Replicas,
  before: number = target,
): Restart {
  const bounds = roomToMove(capacityOf(target, strategy), isResident, healthyOf(now));
  const surplus = healthyOf(now) - bounds.minHealthy;
  const floor = Math.min(bounds.minHealthy, before);
  return { ...bounds, target, isResident, floor, kills: Math.max(0, surplus, countOf(now) - target) };
}

/** One more new instance has become healthy and ready: one more old one may go. */
export function grantKill(restart: Restart): Restart {
  return { ...restart, kills: restart.kills + 1 };
}

/**
 * What to do now. To be asked again after each change; what it decides counts as done. Beyond Marathon's arithmetic it cancels queued old launches
 * first, never takes a healthy instance that the lower bound needs, and, where nothing could ever move again, takes an unhealthy old one or makes room.
 * `isHindered` says whether old ones are where the new ones could be: then they make room, as far as `floor` allows.
 */
export function stepRestart(
  restart: Restart,
  now: Replicas,
  isHindered: () => boolean = () => false,
): [RestartStep, Restart] {
  const killUnhealthy = Math.min(restart.kills, now.oldUnhealthy);
  const killHealthy = Math.max(
    0,
    Math.min(restart.kills - killUnhealthy, now.oldHealthy, healthyOf(now) - restart.minHealthy),
  );
  const step = {
    cancelQueued: now.oldQueued,
    killUnhealthy,
    killHealthy,
    killNew: Math.max(0, now.newStarted - restart.target),
    launch: launchesNow(restart, now),
    isDone: isDone(restart, now),
  };
  if (isStuck(step, now)) return unstick(step, restart, now);
  if (!isActing(step) && now.oldDying === 0 && canMakeRoom(restart, now) && isHindered())
    return [now.oldUnhealthy > 0 ? { ...step, killUnhealthy: 1 } : { ...step, killHealthy: 1 }, restart];
  return [step, { ...restart, kills: restart.kills - killUnhealthy - killHealthy }];
}

/** min(target − started, maxAlive − old ones alive − started), never below 0. */
function launchesNow({ target, maxAlive }: Restart, now: Replicas): number {
  const oldAlive = now.oldHealthy + now.oldUnhealthy + now.oldDying;
  return Math.max(0, Math.min(target - now.newStarted, maxAlive - oldAlive - now.newStarted));
}

function roomToMove({ minHealthy, maxAlive }: Capacity, isResident: boolean, healthy: number): Capacity {
  if (minHealthy !== maxAlive || maxAlive > healthy || maxAlive === 0) return { minHealthy, maxAlive };
  return isResident ? { minHealthy: minHealthy - 1, maxAlive } : { minHealthy, maxAlive: maxAlive + 1 };
}

function healthyOf(now: Replicas): number {
  return now.oldHealthy + now.newGood;
}

function countOf(now: Replicas): number {
  return now.oldHealthy + now.oldUnhealthy + now.newStarted;
}

function isDone({ target }: Restart, now: Replicas): boolean {
  const oldLeft = now.oldQueued + now.oldHealthy + now.oldUnhealthy + now.oldDying;
  return oldLeft === 0 && now.newStarted === target && now.newGood === target;
}

/** Whether nothing is done now and nothing is under way that could change that. */
function isStuck(step: RestartStep, now: Replicas): boolean {
  const waits = now.oldDying > 0 || now.newGood < now.newStarted;
  return !isActing(step) && !waits && !step.isDone;
}

function isActing(step: RestartStep): boolean {
  return step.cancelQueued + step.killUnhealthy + step.killHealthy + step.killNew + step.launch > 0;
}

function canMakeRoom({ floor }: Restart, now: Replicas): boolean {
  return now.oldUnhealthy > 0 || (now.oldHealthy > 0 && healthyOf(now) > floor);
}

// An unhealthy old instance counts for nothing, so it may go whatever the bounds say. Where all are healthy, the bounds have met.
function unstick(step: RestartStep, restart: Restart, now: Replicas): [RestartStep, Restart] {
  if (now.oldUnhealthy > 0) return [{ ...step, killUnhealthy: 1 }, restart];
  const healthy = healthyOf(now);
  if (healthy > restart.minHealthy) return stepRestart({ ...restart, kills: restart.kills + 1 }, now);
  return restart.isResident
    ? stepRestart({ ...restart, minHealthy: healthy - 1, kills: restart.kills + 1 }, now)
    : stepRestart({ ...restart, maxAlive: countOf(now) + 1 }, now);
}
