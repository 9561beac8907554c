import { appListing, type ListedApp } from "../core/views/apps.ts";
import type { Invocation } from "../invocation.ts";
import { listOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfInit(invocation, async (init) => {
    const { apps } = await init.get<{ apps: readonly ListedApp[] }>("/v2/apps");
    return appListing(apps, Date.now());
  });
}
