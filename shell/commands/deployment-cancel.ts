import { type Invocation, word } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { deployCommand } from "../io/deploy.ts";
import { idOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  const isForced = invocation.flags.on("force");
  return deployCommand(
    invocation,
    async (init) => {
      const id = await idOf(init, "deployment", word(invocation, "deployment"));
      await confirm(invocation, { what: isForced ? `End deployment ${id} where it is` : `Undo deployment ${id}` });
      return { method: "DELETE", path: `/v2/deployments/${id}`, what: `cancel deployment ${id}` };
    },
    () => (isForced ? "○ ended; what it had done stays" : "○ undone"),
  );
}
