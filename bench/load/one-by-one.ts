import type { FrameworkInfo, Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { bag } from "./agents.ts";

export const framework: FrameworkInfo = {
  user: "root",
  name: "one-by-one",
  roles: ["bench"],
  checkpoint: true,
  failover_timeout: 3_600,
  capabilities: [{ type: "MULTI_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
};

/**
 * Launches tasks one by one: each offer is accepted with a single task of 0.1 cpus and 500 MB, what is left of it comes back in another offer.
 * Resolves when the scheduler has seen `tasks` tasks running and the master has taken the acknowledgements; the time is from the first ACCEPT.
 */
export function launchOneByOne(
  client: SchedulerClient,
  tasks: number,
  ready: (event: Event) => boolean,
): Promise<number> {
  let launched = 0;
  let running = 0;
  let startMs = 0;
  const waiting: Offer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const accept = ({ id, agent_id }: Offer) => {
    if (launched === tasks) return;
    const value = `task-${launched++}`;
    const task = { name: value, task_id: { value }, agent_id, command: { value: "sleep 1000" }, resources };
    client.accept([id], [{ type: "LAUNCH", launch: { task_infos: [task] } }], { refuse_seconds: 0 }).catch(reject);
  };
  client.start({
    event: (event) => {
      waiting.push(...(event.offers?.offers ?? []));
      if (event.update !== undefined) {
        const { status } = event.update;
        if (status.state !== "TASK_RUNNING") return reject(new Error(`${status.state}: ${status.message}`));
        client.acknowledge(status).then(() => ++running === tasks && resolve(performance.now() - startMs), reject);
      }
      if (startMs === 0 && !ready(event)) return;
      startMs ||= performance.now();
      for (const offer of waiting.splice(0)) accept(offer);
    },
    ended: (why) => reject(new Error(why)),
  });
  return promise;
}

const resources = bag({ cpus: 0.1, mem: 500 });
