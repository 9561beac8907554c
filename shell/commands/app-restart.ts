import { type Invocation, word } from "../invocation.ts";
import { deployCommand } from "../io/deploy.ts";
import { appOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return deployCommand(
    invocation,
    async (init) => {
      const { id } = await appOf(init, word(invocation, "app"));
      return { method: "POST", path: `/v2/apps${id}/restart`, what: `restart ${id}` };
    },
    () => `See it: meseta app show ${word(invocation, "app")}`,
  );
}
