import type { Explanation } from "../core/views/service-explanation.ts";
import { explanationDetails } from "../core/views/service-explanation.ts";
import { type Invocation, word } from "../invocation.ts";
import { appOf, showOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return showOfInit(invocation, async (init) => {
    const { id } = await appOf(init, word(invocation, "app"));
    return explanationDetails(await init.get<Explanation>(`/v2/apps${id}::explain`));
  });
}
