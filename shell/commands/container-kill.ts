import { Failure } from "../core/failure.ts";
import { signalNumber } from "../core/signals.ts";
import { containerPath } from "../core/views/running.ts";
import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";
import { findContainer } from "../io/container.ts";

export function run(invocation: Invocation): Promise<number> {
  const name = invocation.flags.text("signal")!;
  const signal = signalNumber(name);
  if (signal === undefined)
    throw new Failure("usage", { message: `there is no signal ${name}`, why: "as in SIGTERM, TERM or 15" });
  return withCluster(invocation, async (cluster) => {
    const { agent, id } = await findContainer(cluster, invocation);
    await confirm(invocation, { what: `Send ${name} to container ${containerPath(id)}` });
    await agent.killContainer(id, signal);
    invocation.terminal.err(`${name} is sent · see it: meseta container list ${invocation.args["node"]}\n`);
    return 0;
  });
}
