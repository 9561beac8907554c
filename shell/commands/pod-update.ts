import { type Invocation, word } from "../invocation.ts";
import { readDefinition } from "../io/definition.ts";
import { deployCommand } from "../io/deploy.ts";
import { idOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  const body = readDefinition(invocation, word(invocation, "file"));
  return deployCommand(
    invocation,
    async (init) => {
      const id = await idOf(init, "pod", word(invocation, "pod"));
      return { method: "PUT", path: `/v2/pods${id}`, body: { id, ...body }, what: `update ${id}` };
    },
    () => `See it: meseta pod show ${word(invocation, "pod")}`,
  );
}
