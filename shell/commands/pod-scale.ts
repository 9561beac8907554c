import type { Pod } from "@meseta/api/marathon/pod.ts";
import { type Invocation, word } from "../invocation.ts";
import { deployCommand } from "../io/deploy.ts";
import { idOf } from "../io/init.ts";
import { instancesOf } from "./app-scale.ts";

export function run(invocation: Invocation): Promise<number> {
  const instances = instancesOf(word(invocation, "instances"));
  return deployCommand(
    invocation,
    async (init) => {
      const id = await idOf(init, "pod", word(invocation, "pod"));
      const { version: _, ...pod } = await init.get<Pod>(`/v2/pods${id}`);
      const body = { ...pod, scaling: { ...pod.scaling, instances } };
      return { method: "PUT", path: `/v2/pods${id}`, body, what: `scale ${id} to ${instances}` };
    },
    () => `See it: meseta pod show ${word(invocation, "pod")}`,
  );
}
