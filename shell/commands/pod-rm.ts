import { type Invocation, word } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { deployCommand } from "../io/deploy.ts";
import { idOf, mustBeWhole } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return deployCommand(
    invocation,
    async (init) => {
      const id = await idOf(init, "pod", word(invocation, "pod"));
      mustBeWhole(invocation, "pod", id, word(invocation, "pod"));
      if (!invocation.flags.on("dry-run")) await confirm(invocation, { what: `Remove pod ${id}` });
      return { method: "DELETE", path: `/v2/pods${id}`, what: `remove ${id}` };
    },
    () => `○ ${word(invocation, "pod")} is removed`,
  );
}
