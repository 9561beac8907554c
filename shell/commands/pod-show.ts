import type { PodStatus } from "@meseta/api/marathon/pod-status.ts";
import { podDetails } from "../core/views/pods.ts";
import { type Invocation, word } from "../invocation.ts";
import { idOf, showOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return showOfInit(invocation, async (init) => {
    const id = await idOf(init, "pod", word(invocation, "pod"));
    return podDetails(await init.get<PodStatus>(`/v2/pods${id}::status`), Date.now());
  });
}
