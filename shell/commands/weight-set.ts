import { Failure } from "../core/failure.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";

export function run(invocation: Invocation): Promise<number> {
  const role = word(invocation, "role");
  const weight = Number(word(invocation, "weight"));
  if (!(weight > 0) || !Number.isFinite(weight)) {
    throw new Failure("usage", {
      message: `${word(invocation, "weight")} is no weight`,
      why: "it takes a number above 0",
    });
  }
  return withCluster(invocation, async (cluster) => {
    await cluster.master.updateWeights([{ role, weight }]);
    invocation.terminal.err(`${role} weighs ${weight} now · see it: meseta weight list\n`);
    return 0;
  });
}
