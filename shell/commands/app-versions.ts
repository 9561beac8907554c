import { versionListing } from "../core/views/apps.ts";
import { type Invocation, word } from "../invocation.ts";
import { appOf, listOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfInit(invocation, async (init) => {
    const { id, version: current } = await appOf(init, word(invocation, "app"));
    const { versions } = await init.get<{ versions: readonly string[] }>(`/v2/apps${id}/versions`);
    const all = versions.map((version) => ({ version, isCurrent: version === current }));
    return versionListing(all, Date.now());
  });
}
