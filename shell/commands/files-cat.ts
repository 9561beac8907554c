import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { Tail } from "../io/tail.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  return withCluster(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(flags)) ?? cluster.master;
    const tail = new Tail(asked, word(invocation, "path"), (bytes) => terminal.out(bytes));
    await tail.readAll();
    if (flags.on("follow")) await tail.follow(() => false);
    return 0;
  });
}
