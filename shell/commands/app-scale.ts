import { Failure } from "../core/failure.ts";
import { type Invocation, word } from "../invocation.ts";
import { deployCommand } from "../io/deploy.ts";
import { appOf } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  const instances = instancesOf(word(invocation, "instances"));
  return deployCommand(
    invocation,
    async (init) => {
      const { id } = await appOf(init, word(invocation, "app"));
      return { method: "PUT", path: `/v2/apps${id}`, body: { instances }, what: `scale ${id} to ${instances}` };
    },
    () => `See it: meseta app show ${word(invocation, "app")}`,
  );
}

/** A number of instances from the command line, from 0. */
export function instancesOf(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new Failure("usage", { message: `${text} is no number of instances`, why: "it takes a whole number from 0" });
}
