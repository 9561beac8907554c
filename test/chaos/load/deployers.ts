// Who makes apps of init, changes them, scales them and removes them; each has its own, one after the other.
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "@meseta/lib/core/random.ts";
import { ABSENT, type History, noteInTask } from "../history.ts";
import { urlsOf } from "../parts.ts";
import { Caller } from "./caller.ts";
import { valueOfApp } from "./readers.ts";
import { noted } from "./writer.ts";

const PATIENCE_MS = 20_000;
const DEPLOYERS = 3;
const MOST_INSTANCES = 4;
/** Apps of whose last change nobody knows whether it was done stay as they are; of more than so many the oldest go, and are looked at no more. */
const MOST_LEFT = 5;
const PAUSE_MS = 1_000;

/** Resolves when `signal` has stopped all of them: to the apps that each of them has left. */
export async function deploy(history: History, random: Random, signal: AbortSignal): Promise<void> {
  const numbers = Array.from({ length: DEPLOYERS }, (_, at) => at + 1);
  await Promise.all(numbers.map((number) => deployer(history, random, number, signal)));
}

async function deployer(history: History, random: Random, number: number, signal: AbortSignal): Promise<void> {
  const caller = new Caller(urlsOf("init"), PATIENCE_MS);
  const left: string[] = [];
  const remove = (id: string) => caller.change({ method: "DELETE", path: `/v2/apps${id}?force=true` });
  for (let app = 1; !signal.aborted; app++) {
    const id = `/chaos/d${number}-${app}`;
    if ((await live(id)) === "unknown") left.push(id);
    const oldest = left.length > MOST_LEFT ? left.shift() : undefined;
    if (oldest !== undefined) await noted(history, `app${oldest}`, ABSENT, () => remove(oldest));
    await wait(PAUSE_MS);
  }
  caller.close();

  async function live(id: string): Promise<"unknown" | "removed"> {
    const had = new Set<string>();
    let generation = 1;
    for (;;) {
      if (had.size > 0 && random.below(6) === 0) generation++;
      const instances = 1 + random.below(MOST_INSTANCES);
      const value = valueOfApp({ env: { GENERATION: String(generation) }, instances });
      // Each value once, so that a reader can tell which it sees.
      if (had.has(value)) {
        generation++;
        continue;
      }
      had.add(value);
      const put = () =>
        caller.change({ method: "PUT", path: `/v2/apps${id}?force=true`, body: appOf(history, generation, instances) });
      if ((await noted(history, `app${id}`, value, put)) === "unknown") return "unknown";
      await wait(1_000 + random.below(6_000));
      if (signal.aborted) return "unknown";
      if (random.below(8) > 0) continue;
      return (await noted(history, `app${id}`, ABSENT, () => remove(id))) === "unknown" ? "unknown" : "removed";
    }
  }
}

function appOf({ dir }: History, generation: number, instances: number) {
  return {
    cmd: `${noteInTask("start", dir)}; exec sleep 1000000`,
    env: { GENERATION: String(generation) },
    instances,
    cpus: 0.05,
    mem: 8,
    disk: 0,
    portDefinitions: [],
    backoffSeconds: 1,
    maxLaunchDelaySeconds: 5,
  };
}
