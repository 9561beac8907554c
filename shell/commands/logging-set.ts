import { Failure } from "../core/failure.ts";
import { span } from "../core/since.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";

export function run(invocation: Invocation): Promise<number> {
  const text = word(invocation, "level");
  if (!/^[0-3]$/.test(text))
    throw new Failure("usage", { message: `${text} is no level`, why: "it takes 0, 1, 2 or 3" });
  const forMs = invocation.flags.number("for")!;
  return withCluster(invocation, async (cluster) => {
    const asked = (await cluster.chosenAgent(invocation.flags)) ?? cluster.master;
    await asked.setLoggingLevel(Number(text), { nanoseconds: forMs * 1e6 });
    invocation.terminal.err(`It logs at level ${text} for ${span(forMs)} · see it: meseta logging show\n`);
    return 0;
  });
}
