import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";
import { findVolume, sizeOf } from "../io/volume.ts";

export function run(invocation: Invocation): Promise<number> {
  const mib = sizeOf(invocation, "by");
  return withCluster(invocation, async (cluster) => {
    const volume = await findVolume(cluster, invocation);
    await confirm(invocation, { what: `Make volume ${volume.id} on ${volume.hostname} smaller by ${mib} MiB` });
    await cluster.master.shrinkVolume({ value: volume.agent_id }, volume.resource, mib);
    invocation.terminal.err(`Volume ${volume.id} is smaller now · see it: meseta volume list\n`);
    return 0;
  });
}
