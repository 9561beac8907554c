import { counted } from "@meseta/lib/core/words.ts";
import { type Invocation, word } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { deployCommand } from "../io/deploy.ts";
import { appOf, mustBeWhole } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return deployCommand(
    invocation,
    async (init) => {
      const { id, instances } = await appOf(init, word(invocation, "app"));
      mustBeWhole(invocation, "app", id, word(invocation, "app"));
      const name = instances > 1 ? id : undefined;
      if (!invocation.flags.on("dry-run"))
        await confirm(invocation, { what: `Remove ${id} with ${counted(instances, "instance")}`, name });
      return { method: "DELETE", path: `/v2/apps${id}`, what: `remove ${id}` };
    },
    () => `○ ${word(invocation, "app")} is removed`,
  );
}
