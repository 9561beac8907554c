import type { FrameworkInfo, Offer, OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import type { Workload } from "./scheduler.ts";
import { amount, launch, launchGroup, ownExecutor, type TaskSpec } from "./tasks.ts";

/** What a scenario wants to run: alone, in a group, in an executor of the framework's own, or in one that never subscribes. */
export interface Order {
  readonly tasks: readonly TaskSpec[];
  readonly as: "task" | "group" | "own" | "silent";
  /** The agent that it must run on. */
  readonly on: string | undefined;
}

/** Launches what a scenario orders, each on the agent that it names or on the first that has room. */
export class Scripted implements Workload {
  readonly name: string;
  readonly info: Workload["info"];
  readonly slowAcknowledgements = 0;
  readonly queue: Order[] = [];

  constructor(name: string, info: Omit<FrameworkInfo, "name" | "user">) {
    const types = ["MULTI_ROLE", "PARTITION_AWARE", "RESERVATION_REFINEMENT"] as const;
    this.name = name;
    this.info = { ...info, capabilities: info.capabilities ?? types.map((type) => ({ type })) };
  }

  decide(offer: Offer): OfferOperation[] {
    const operations: OfferOperation[] = [];
    let [cpus, memMiB] = [amount(offer.resources, "cpus"), amount(offer.resources, "mem")];
    for (const order of [...this.queue]) {
      const overhead = order.as === "task" ? 0 : 1;
      const [needCpus, needMem] = [sum(order, "cpus") + 0.1 * overhead, sum(order, "memMiB") + 32 * overhead];
      if (needCpus > cpus + 1e-9 || needMem > memMiB || (order.on ?? offer.hostname) !== offer.hostname) continue;
      cpus -= needCpus;
      memMiB -= needMem;
      operations.push(operationOf(order, offer, this.name));
      this.queue.splice(this.queue.indexOf(order), 1);
    }
    return operations;
  }
}

function sum({ tasks }: Order, what: "cpus" | "memMiB"): number {
  return tasks.reduce((total, task) => total + task[what], 0);
}

function operationOf({ tasks, as }: Order, offer: Offer, name: string): OfferOperation {
  if (as === "group") return launchGroup(tasks, offer, `${name}-${tasks[0]!.id}`);
  if (as === "task") return launch(tasks, offer);
  return launch(tasks, offer, ownExecutor(`${name}-own`, as === "silent"));
}
