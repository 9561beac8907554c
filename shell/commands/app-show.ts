import { appDetails } from "../core/views/apps.ts";
import { type Invocation, word } from "../invocation.ts";
import { appOf, showOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return showOfInit(invocation, async (init) => appDetails(await appOf(init, word(invocation, "app")), Date.now()));
}
