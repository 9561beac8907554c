import type { Settings } from "./place.ts";
import type { InitState } from "./state.ts";

/** What placement is to heed: what the operator chose, and the region of the master, from which only constraints on @region lead away. */
export function placementOf({ config, master }: Pick<InitState, "config" | "master">): Settings {
  return { ...config.placement, region: config.placement.region ?? master.region };
}
