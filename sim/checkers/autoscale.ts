import type { App } from "@meseta/api/marathon/app.ts";
import type { InitEvent } from "@meseta/init/core/event.ts";
import type { Init } from "@meseta/init/core/init.ts";
import type { InitOut, Notice } from "@meseta/init/core/out.ts";
import { Violation } from "./violation.ts";

/** That an app which scales itself stays within its bounds, is not brought back by its policy when somebody has switched it off, and always says why it changes. */
export class AutoscaleChecker {
  #apps: ReadonlyMap<string, App> = new Map();

  /** A core begins with what is stored. */
  loaded({ state }: Init): void {
    this.#apps = state.tree.apps;
  }

  applied(event: InitEvent, out: InitOut, { state }: Init): void {
    const notices = out.effects.flatMap((effect) =>
      effect.type === "publish" && effect.notice.eventType === "app_autoscaled_event" ? [effect.notice] : [],
    );
    const [before, after] = [this.#apps, state.tree.apps];
    this.#apps = after;
    if (event.type === "sampled") return checkScaled(before.get(event.app), after.get(event.app), notices);
    if (notices.length > 0) throw new Violation(`${notices[0]!["appId"]} scales itself though nobody has measured it`);
  }
}

function checkScaled(before: App | undefined, after: App | undefined, notices: readonly Notice[]): void {
  const [from, to] = [before?.instances, after?.instances];
  if (from === to && notices.length === 0) return;
  if (before?.autoscale === undefined || to === undefined) throw new Violation("what does not scale itself does so");
  const { minInstances, maxInstances } = before.autoscale;
  const told = notices.map((notice) => JSON.stringify(notice)).join();
  if (from === to || notices.length !== 1 || notices[0]!["from"] !== from || notices[0]!["to"] !== to)
    throw new Violation(`${before.id} goes from ${from} to ${to}, and says ${told}`);
  if (from === 0) throw new Violation(`${before.id} was switched off, and scales itself to ${to}`);
  if (to < minInstances || to > maxInstances)
    throw new Violation(`${before.id} scales itself to ${to}, beyond ${minInstances} to ${maxInstances}`);
  if (!String(notices[0]!["why"]).match(/\w+ \w+/)) throw new Violation(`${before.id} does not say why: ${told}`);
}
