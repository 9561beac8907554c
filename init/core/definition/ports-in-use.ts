import type { App } from "@meseta/api/marathon/app.ts";
import { servicePortsOf } from "./service-ports.ts";

type Apps = ReadonlyMap<string, App>;

/** The service ports of all apps of a tree while that is changed. Counted once for a line of trees, however many apps there are: the count goes from each to the next. */
export class PortsInUse {
  readonly #apps: Apps;
  readonly #counts: Map<number, number>;
  readonly #change = new Map<number, number>();

  constructor(apps: Apps) {
    this.#apps = apps;
    this.#counts = COUNTS.get(apps) ?? count(apps);
    COUNTS.set(apps, this.#counts);
  }

  has(port: number): boolean {
    return this.#of(port) > 0;
  }

  add(port: number): void {
    this.#change.set(port, (this.#change.get(port) ?? 0) + 1);
  }

  remove(app: App | undefined): void {
    for (const port of app === undefined ? [] : servicePortsOf(app))
      this.#change.set(port, (this.#change.get(port) ?? 0) - 1);
  }

  /** The change is made: these are the apps now. */
  become(apps: Apps): void {
    for (const port of this.#change.keys()) this.#counts.set(port, this.#of(port));
    this.#change.clear();
    COUNTS.delete(this.#apps);
    COUNTS.set(apps, this.#counts);
  }

  #of(port: number): number {
    return (this.#counts.get(port) ?? 0) + (this.#change.get(port) ?? 0);
  }
}

const COUNTS = new WeakMap<Apps, Map<number, number>>();

function count(apps: Apps): Map<number, number> {
  const counts = new Map<number, number>();
  for (const app of apps.values())
    for (const port of servicePortsOf(app)) counts.set(port, (counts.get(port) ?? 0) + 1);
  return counts;
}
