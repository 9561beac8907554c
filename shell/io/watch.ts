import { setInterval, setTimeout as sleep } from "node:timers/promises";
import { type Listing, render } from "../core/listing.ts";
import type { Invocation } from "../invocation.ts";
import type { Cluster } from "./cluster.ts";
import { outputOf, selected } from "./print.ts";

/** Events that come close together are shown together. */
const GATHER_MS = 200;
/** Drains, quota and offers are in no event: they are looked at again after so long. */
const LOOK_AGAIN_MS = 5000;

/** Prints a list again after each of `changes`, until the process is ended. */
export async function watch<T>(
  invocation: Invocation,
  changes: AsyncIterable<unknown>,
  fetch: () => Promise<Listing<T>>,
): Promise<number> {
  const show = invocation.terminal.live ? redraw<T>(invocation) : printChanges<T>(invocation);
  for await (const _ of changes) show(await fetch());
  return 0;
}

/** Whenever something happened in the cluster. */
export function changesOf(cluster: Cluster): AsyncGenerator<void> {
  return gathered(cluster.master.events());
}

/** After each of so many milliseconds: for what is in no event. */
export function ticks(everyMs: number): AsyncIterable<void> {
  return setInterval(everyMs);
}

/** At once, and then after events, those that come close together as one. */
export async function* gathered(source: AsyncIterable<unknown>): AsyncGenerator<void> {
  const events = source[Symbol.asyncIterator]();
  let next = events.next();
  for (;;) {
    yield;
    const happened = await Promise.race([next.then(() => true), sleep(LOOK_AGAIN_MS, false)]);
    if (!happened) continue;
    next = events.next();
    await sleep(GATHER_MS);
  }
}

function redraw<T>(invocation: Invocation): (listing: Listing<T>) => void {
  return (listing) => {
    const text = render(listing, selected(invocation, listing), outputOf(invocation));
    invocation.terminal.out(`\x1b[H\x1b[2J${text === "" ? `${listing.none}\n` : text}`);
  };
}

// Without a terminal: one plain line, or one object, for each row that is new or differs from before.
function printChanges<T>(invocation: Invocation): (listing: Listing<T>) => void {
  let before = new Map<string, string>();
  let isFirst = true;
  return (listing) => {
    const output = outputOf(invocation);
    const items = selected(invocation, listing);
    const fresh = items.filter((item) => !before.has(JSON.stringify(item)));
    const names = new Set(items.map(listing.name));
    const gone = [...new Set(before.values())].filter((name) => !names.has(name));
    before = new Map(items.map((item) => [JSON.stringify(item), listing.name(item)]));
    const asLines = output.form === "json" || output.form === "yaml";
    const text = asLines
      ? fresh.map((item) => `${JSON.stringify(item)}\n`).join("")
      : render(listing, fresh, { ...output, header: output.header && isFirst });
    invocation.terminal.out(text);
    for (const name of gone) invocation.terminal.err(`○ ${name} is not in the list any more\n`);
    isFirst = false;
  };
}
