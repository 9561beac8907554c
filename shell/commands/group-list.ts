import { type GroupTree, groupListing, groupsIn } from "../core/views/groups.ts";
import type { Invocation } from "../invocation.ts";
import { listOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfInit(invocation, async (init) => groupListing(groupsIn(await init.get<GroupTree>("/v2/groups"))));
}
