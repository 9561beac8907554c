import { Failure } from "../core/failure.ts";
import { nodeId } from "../core/views/nodes.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { sizeOf } from "../io/volume.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const [id, role, value] = [word(invocation, "volume"), flags.text("role"), sizeOf(invocation, "size")];
  if (role === undefined)
    throw new Failure("usage", { message: "--role is missing", why: "a volume is made of disk reserved for a role" });
  return withCluster(invocation, async (cluster) => {
    const node = await cluster.node(word(invocation, "node"));
    await cluster.master.createVolumes({ value: nodeId(node) }, [
      {
        name: "disk",
        type: "SCALAR",
        scalar: { value },
        reservations: [{ type: "DYNAMIC", role }],
        disk: { persistence: { id }, volume: { mode: "RW", container_path: flags.text("path")! } },
        ...(flags.on("shared") && { shared: {} }),
      },
    ]);
    terminal.err(`Volume ${id} is on ${node.agent_info.hostname} · see it: meseta volume list\n`);
    return 0;
  });
}
