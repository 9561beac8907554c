import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { findVolume, sizeOf } from "../io/volume.ts";

export function run(invocation: Invocation): Promise<number> {
  const value = sizeOf(invocation, "by");
  return withCluster(invocation, async (cluster) => {
    const volume = await findVolume(cluster, invocation);
    const { disk: _, shared: _shared, ...disk } = volume.resource;
    await cluster.master.growVolume({ value: volume.agent_id }, volume.resource, { ...disk, scalar: { value } });
    invocation.terminal.err(`Volume ${volume.id} is larger now · see it: meseta volume list\n`);
    return 0;
  });
}
