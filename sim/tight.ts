import { Violation } from "./checkers/violation.ts";
import type { Cluster } from "./cluster.ts";
import type { InitTenant } from "./tenants/init.ts";

/** More than half of an agent's: no two find room on one. */
const CPUS = 2.5;
const APP = "/tight";
/** Each instance in turn is placed within some seconds of the end of an old one. */
const MOST_MS_PER_INSTANCE = 30_000;

/**
 * I10, on a cluster at rest where nobody else wants anything: an app that has one instance on each agent but one is upgraded and gets one instance more. The new one takes the last place; all others can
 * come only where an old one makes room, and each does, without an end. Throws a Violation.
 */
export async function upgradeWhereItIsTight(cluster: Cluster, { framework }: InitTenant): Promise<void> {
  const count = cluster.agents.length;
  const idle = { id: APP, cmd: "task $MESOS_TASK_ID; sleep 10000000; exit 0", cpus: CPUS, mem: 32, backoffSeconds: 1 };
  await ask("PUT", { ...idle, instances: count - 1 });
  await until(`${count - 1} instances find no room`, count - 1);
  await ask("PUT", { ...idle, cmd: `${idle.cmd}; new`, instances: count });
  await until(`an upgrade to ${count} instances, on as many agents, does not end`, count);
  await ask("DELETE");
  await until("an app that is removed stays", 0);

  async function ask(method: string, body?: object): Promise<void> {
    let status: number | undefined;
    void framework.ask(method, `/v2/apps${APP}`, body).then((answer) => (status = answer?.status));
    await cluster.run(2_000);
    if (status === undefined || status >= 300) wrong(`${method} of ${APP} is answered with ${status}`);
  }

  async function until(what: string, instances: number): Promise<void> {
    for (let ms = 0; ms < MOST_MS_PER_INSTANCE * (count + 1); ms += 1_000) {
      await cluster.run(1_000);
      const state = framework.core?.state;
      const all = [...(state?.services.get(APP)?.instances.values() ?? [])];
      if (state?.deployments.count === 0 && all.length === instances && all.every(({ goal }) => goal === "Running"))
        return;
    }
    wrong(what);
  }
}

function wrong(what: string): never {
  throw new Violation(`I10: ${what}`);
}
