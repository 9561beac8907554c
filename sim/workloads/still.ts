import type { SimInit } from "../world/init.ts";
import type { World } from "../world/world.ts";

const AGAIN_MS = 3_000;

/**
 * A service that is made once and then changed by nobody, until all goes: what becomes of its instances is init's own doing. Those that cannot be reached are replaced
 * soon, and given up much later, when their agent may be back.
 */
export function keepStill(init: SimInit, world: World): void {
  const app = {
    id: "/still",
    cmd: "task $MESOS_TASK_ID; sleep 10000000; exit 0; change 0",
    cpus: 0.1,
    mem: 32,
    instances: world.between(2, 4),
    backoffSeconds: 1,
    maxLaunchDelaySeconds: 10,
    unreachableStrategy: { inactiveAfterSeconds: world.between(1, 20), expungeAfterSeconds: world.between(300, 900) },
  };
  const make = async (): Promise<void> => {
    const answer = await init.ask("PUT", "/v2/apps/still", app);
    // Who hears nothing asks again: the same is no change.
    if (answer === undefined || answer.status >= 300) world.after(AGAIN_MS, () => void make());
  };
  world.after(world.between(1_000, 5_000), () => void make());
}
