import type { Deployment } from "@meseta/api/marathon/deployment.ts";
import type { Invocation } from "../invocation.ts";
import { Follower } from "../io/deploy.ts";
import { idOf, withInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  const { args, terminal } = invocation;
  return withInit(invocation, async (init) => {
    const follower = await Follower.open(invocation, init);
    const given = args["deployment"] as string | undefined;
    const all = await init.get<readonly Deployment[]>("/v2/deployments");
    const ids = given === undefined ? all.map(({ id }) => id) : [await idOf(init, "deployment", given)];
    if (ids.length === 0) terminal.err("No deployments are under way.\n");
    for (const id of ids) if (!(await follower.follow(id, id))) return 130;
    return 0;
  });
}
