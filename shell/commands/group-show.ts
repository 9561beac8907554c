import { type GroupTree, groupDetails } from "../core/views/groups.ts";
import { type Invocation, word } from "../invocation.ts";
import { idOf, showOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return showOfInit(invocation, async (init) => {
    const id = await idOf(init, "group", word(invocation, "group"));
    return groupDetails(await init.get<GroupTree>(`/v2/groups${id}`));
  });
}
