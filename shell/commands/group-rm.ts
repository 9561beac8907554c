import { counted } from "@meseta/lib/core/words.ts";
import { type GroupTree, groupsIn } from "../core/views/groups.ts";
import { type Invocation, word } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { deployCommand } from "../io/deploy.ts";
import { idOf, mustBeWhole } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return deployCommand(
    invocation,
    async (init) => {
      const id = await idOf(init, "group", word(invocation, "group"));
      mustBeWhole(invocation, "group", id, word(invocation, "group"));
      const all = groupsIn(await init.get<GroupTree>(`/v2/groups${id}`));
      const services = all.flatMap(({ apps, pods }) => [...apps, ...pods]).length;
      if (!invocation.flags.on("dry-run"))
        await confirm(invocation, { what: `Remove ${id} with ${counted(services, "service")}`, name: id });
      return { method: "DELETE", path: `/v2/groups${id}`, what: `remove ${id}` };
    },
    () => `○ ${word(invocation, "group")} is removed`,
  );
}
