import type { CallSubscribe, Event } from "@meseta/api/mesos/generated/executor.ts";
import type { TaskInfo, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";

/**
 * What an executor must tell an agent that may have forgotten it: tasks whose first update was never acknowledged, and
 * updates that were not, in the order in which they were sent.
 */
export class Unacknowledged {
  readonly #tasks = new Map<string, TaskInfo>();
  readonly #updates = new Map<string, TaskStatus>();

  /** Notes tasks that are launched and updates that are acknowledged; other events change nothing. */
  see(event: Event): void {
    for (const task of event.launch ? [event.launch.task] : (event.launch_group?.task_group.tasks ?? []))
      this.#tasks.set(task.task_id.value, task);
    if (!event.acknowledged) return;
    this.#tasks.delete(event.acknowledged.task_id.value);
    this.#updates.delete(event.acknowledged.uuid);
  }

  /** Notes an update before it is sent. It has a uuid. */
  sent(status: TaskStatus): void {
    this.#updates.set(status.uuid!, status);
  }

  get updates(): number {
    return this.#updates.size;
  }

  forSubscribe(): CallSubscribe {
    const unacknowledged_updates = [...this.#updates.values()].map((status) => ({ status }));
    return { unacknowledged_tasks: [...this.#tasks.values()], unacknowledged_updates };
  }
}
