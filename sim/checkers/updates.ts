import type { OperationState, OperationStatus, TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { Violation } from "./violation.ts";

/** States that nothing may follow, whoever said them. */
const FINAL: ReadonlySet<TaskState> = new Set<TaskState>(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR"]);
/** What the kernel says of a task of which it knows that it will not run: a framework starts another in its place. */
const GIVEN_UP: ReadonlySet<TaskState> = new Set<TaskState>(["TASK_DROPPED", "TASK_GONE", "TASK_GONE_BY_OPERATOR"]);
const ORDER: Partial<Record<TaskState, number>> = {
  TASK_STAGING: 0,
  TASK_STARTING: 1,
  TASK_RUNNING: 2,
  TASK_KILLING: 3,
};

interface Story {
  final: TaskState | undefined;
  /** The highest state of the life cycle that an agent's own update told. */
  progress: number;
  /** The newest update of the agent, and whether we have acknowledged it. */
  uuid: string | undefined;
  acknowledged: boolean;
}

/**
 * I3 and I4, from what one framework hears: a task's states go forward, a final state is final, and an update comes only
 * after the one before it was acknowledged.
 */
export class UpdateChecker {
  readonly #stories = new Map<string, Story>();
  readonly #isStored: boolean;

  /** `isStored`: the framework checkpoints. Otherwise an agent that is restarted has forgotten what was not acknowledged. */
  constructor(isStored: boolean) {
    this.#isStored = isStored;
  }

  heard(status: TaskStatus): void {
    const story = this.#story(status.task_id.value);
    this.#checkFinal(story, status);
    if (status.uuid !== undefined) this.#checkOrder(story, status, status.uuid);
    if (FINAL.has(status.state) || GIVEN_UP.has(status.state)) story.final ??= status.state;
  }

  /** We tell the master that we have this update. */
  acknowledged(status: TaskStatus): void {
    const story = this.#story(status.task_id.value);
    if (story.uuid === status.uuid) story.acknowledged = true;
  }

  #checkFinal({ final }: Story, { state, task_id }: TaskStatus): void {
    if (final === undefined) return;
    if (ORDER[state] !== undefined || (FINAL.has(final) && FINAL.has(state) && state !== final))
      throw new Violation(`I3: task ${task_id.value} was ${final} and is now ${state}`);
  }

  // A resent update is the same one again; only an earlier state after a later one is out of order.
  #checkOrder(story: Story, { state, task_id }: TaskStatus, uuid: string): void {
    if (uuid === story.uuid) return;
    if (this.#isStored && story.uuid !== undefined && !story.acknowledged)
      throw new Violation(`I4: task ${task_id.value} is ${state}, and the update before was not acknowledged`);
    const step = ORDER[state];
    if (step !== undefined && step < story.progress)
      throw new Violation(`I4: task ${task_id.value} went back to ${state}`);
    story.progress = step ?? story.progress;
    story.uuid = uuid;
    story.acknowledged = false;
  }

  #story(id: string): Story {
    let story = this.#stories.get(id);
    if (story === undefined) {
      story = { final: undefined, progress: 0, uuid: undefined, acknowledged: false };
      this.#stories.set(id, story);
    }
    return story;
  }
}

const DONE: ReadonlySet<OperationState> = new Set<OperationState>([
  "OPERATION_FINISHED",
  "OPERATION_FAILED",
  "OPERATION_ERROR",
  "OPERATION_DROPPED",
]);

/** The same for operations: what an operation became does not change. */
export class OperationChecker {
  readonly #done = new Map<string, OperationState>();

  heard({ operation_id, state }: OperationStatus): void {
    if (operation_id === undefined || !DONE.has(state)) return;
    const before = this.#done.get(operation_id.value);
    if (before !== undefined && before !== state)
      throw new Violation(`I3: operation ${operation_id.value} was ${before} and is now ${state}`);
    this.#done.set(operation_id.value, state);
  }
}
