import type { PodStatus } from "@meseta/api/marathon/pod-status.ts";
import { podListing } from "../core/views/pods.ts";
import type { Invocation } from "../invocation.ts";
import { listOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfInit(invocation, async (init) =>
    podListing(await init.get<readonly PodStatus[]>("/v2/pods/::status"), Date.now()),
  );
}
