import { Failure } from "../core/failure.ts";
import { type Invocation, word } from "../invocation.ts";
import { deployCommand } from "../io/deploy.ts";
import { idOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  const scaleBy = factorOf(word(invocation, "factor"));
  return deployCommand(
    invocation,
    async (init) => {
      const id = await idOf(init, "group", word(invocation, "group"));
      return { method: "PUT", path: `/v2/groups${id}`, body: { scaleBy }, what: `scale ${id} by ${scaleBy}` };
    },
    () => `See it: meseta group show ${word(invocation, "group")}`,
  );
}

function factorOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Failure("usage", { message: `${text} is no factor`, why: "it takes a number from 0, as in 2 or 0.5" });
}
