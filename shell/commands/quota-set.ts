import { Failure } from "../core/failure.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { readScalars } from "../io/resources.ts";

/** What is not given stays as it is: setting a limit keeps the guarantee. */
export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const role = word(invocation, "role");
  const [guarantee, limit] = [flags.text("guarantee"), flags.text("limit")];
  if (guarantee === undefined && limit === undefined) {
    throw new Failure("usage", { message: "nothing is to be set", why: "give --guarantee, --limit or both" });
  }
  return withCluster(invocation, async (cluster) => {
    const before = (await cluster.master.getQuota()).configs?.find((config) => config.role === role);
    const guarantees = guarantee === undefined ? before?.guarantees : readScalars(guarantee);
    const limits = limit === undefined ? before?.limits : readScalars(limit);
    await cluster.master.updateQuota([{ role, guarantees, limits }], flags.on("force"));
    terminal.err(`The quota of ${role} is set · see it: meseta quota list\n`);
    return 0;
  });
}
