import { Failure } from "../core/failure.ts";
import { type Invocation, word } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

export function run(invocation: Invocation): Promise<number> {
  const role = word(invocation, "role");
  return withCluster(invocation, async (cluster) => {
    const configs = (await cluster.master.getQuota()).configs ?? [];
    if (!configs.some((config) => config.role === role)) {
      const known = configs.map((config) => config.role).join(", ") || "no role has one";
      throw new Failure("not-found", { kind: "quota", name: `of role ${role}`, why: `roles with a quota: ${known}` });
    }
    await confirm(invocation, { what: `Remove the quota of ${role}` });
    await cluster.master.updateQuota([{ role }]);
    invocation.terminal.err(`The quota of ${role} is removed.\n`);
    return 0;
  });
}
