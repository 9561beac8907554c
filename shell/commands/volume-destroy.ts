import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";
import { findVolume } from "../io/volume.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCluster(invocation, async (cluster) => {
    const volume = await findVolume(cluster, invocation);
    await confirm(invocation, {
      what: `Delete volume ${volume.id} on ${volume.hostname} and all that is on it`,
      name: volume.id,
    });
    await cluster.master.destroyVolumes({ value: volume.agent_id }, [volume.resource]);
    invocation.terminal.err(
      `Volume ${volume.id} is deleted; its disk stays reserved · meseta unreserve gives it back\n`,
    );
    return 0;
  });
}
