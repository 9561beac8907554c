import type { Deployment } from "@meseta/api/marathon/deployment.ts";
import { deploymentListing } from "../core/views/deployments.ts";
import type { Invocation } from "../invocation.ts";
import { listOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfInit(invocation, async (init) =>
    deploymentListing(await init.get<readonly Deployment[]>("/v2/deployments"), Date.now()),
  );
}
