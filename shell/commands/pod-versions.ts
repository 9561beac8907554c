import type { Pod } from "@meseta/api/marathon/pod.ts";
import { versionListing } from "../core/views/apps.ts";
import { type Invocation, word } from "../invocation.ts";
import { idOf, listOfInit } from "../io/init.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfInit(invocation, async (init) => {
    const id = await idOf(init, "pod", word(invocation, "pod"));
    const { version: current } = await init.get<Pod>(`/v2/pods${id}`);
    const versions = await init.get<readonly string[]>(`/v2/pods${id}::versions`);
    const all = versions.map((version) => ({ version, isCurrent: version === current }));
    return versionListing(all, Date.now());
  });
}
