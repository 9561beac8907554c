// Simulated agents for runs of jobs: each task that the master sends runs at once and ends well as soon as that is acknowledged. What they see of every task is when it came.
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Event } from "@meseta/api/mesos/generated/link.ts";
import type { FrameworkID, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { callOf, registrationOf, updateMessage } from "./agents.ts";
import type { MemoryDoor } from "./memory-door.ts";

export interface Started {
  readonly task: TaskInfo;
  readonly atMs: number;
}

const PATH = "/api/v1/agent-link";
const headers = { "content-type": "application/x-protobuf", accept: "application/x-protobuf" };

/** Registers so many agents; `started` is told of each task. Resolves when the master has taken them all. */
export function startAgents(door: MemoryDoor, count: number, started: (start: Started) => void): Promise<void> {
  let subscribed = 0;
  return new Promise((resolve) => {
    const isIn = (): void => {
      if (++subscribed === count) resolve();
    };
    for (let i = 0; i < count; i++) new TaskClock(door, i, isIn, started);
  });
}

class TaskClock {
  readonly #door: MemoryDoor;
  readonly #boot: string;
  readonly #isIn: () => void;
  readonly #started: (start: Started) => void;
  /** Of the tasks that run: whose they are. */
  readonly #running = new Map<string, { readonly task: TaskInfo; readonly framework: FrameworkID }>();
  #id = "";
  #epoch = 0;

  constructor(door: MemoryDoor, i: number, isIn: () => void, started: (start: Started) => void) {
    this.#door = door;
    this.#boot = `boot-${i}`;
    this.#isIn = isIn;
    this.#started = started;
    const decoder = new RecordDecoder();
    const subscribe = {
      link_version: 1,
      boot_id: this.#boot,
      type: "SUBSCRIBE" as const,
      subscribe: registrationOf(i),
    };
    door.post(PATH, encodeProtobuf("meseta.link.Call", subscribe), headers, {
      answered: mustBeTaken,
      chunk: (bytes) => {
        for (const record of decoder.push(bytes)) this.#hear(decodeProtobuf("meseta.link.Event", record));
      },
    });
  }

  #hear({ subscribed, run, acknowledge }: Event): void {
    if (subscribed !== undefined) {
      [this.#id, this.#epoch] = [subscribed.agent_id.value, subscribed.epoch];
      this.#isIn();
    }
    if (run?.task !== undefined) this.#begin(run.task, run.framework_info.id!);
    if (acknowledge !== undefined) this.#end(acknowledge.task_id.value);
  }

  #begin(task: TaskInfo, framework: FrameworkID): void {
    this.#started({ task, atMs: Date.now() });
    this.#running.set(task.task_id.value, { task, framework });
    this.#tell(task, framework, "TASK_RUNNING");
  }

  #end(taskId: string): void {
    const running = this.#running.get(taskId);
    if (running === undefined) return;
    this.#running.delete(taskId);
    this.#tell(running.task, running.framework, "TASK_FINISHED");
  }

  #tell(task: TaskInfo, framework: FrameworkID, state: "TASK_RUNNING" | "TASK_FINISHED"): void {
    const message = updateMessage(framework, task, this.#id, state);
    const body = encodeProtobuf("meseta.link.Call", callOf(this.#boot, this.#id, this.#epoch, [message]));
    this.#door.post(PATH, body, headers, { answered: mustBeTaken });
  }
}

function mustBeTaken({ status, body }: { status: number; body?: unknown }): void {
  if (status !== 202) throw new Error(`a call was answered ${status} ${body}`);
}
