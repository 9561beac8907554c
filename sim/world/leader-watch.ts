import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import { HELD_MS, PAUSE_MS, toldBy } from "@meseta/lib/io/leader-watch.ts";
import type { Leaders } from "@meseta/lib/io/leaders.ts";
import type { Doors } from "./door.ts";
import { MASTER_PORT } from "./masters.ts";
import type { World } from "./world.ts";

/** As production's: asks the other masters, one at a time, until somebody else leads than `leader`; never resolves after `signal`. */
export function leaderChanged(
  { world, doors, from }: { readonly world: World; readonly doors: Doors; readonly from: string },
  { urls, url }: Leaders,
  leader: Address,
  signal: AbortSignal,
): Promise<Address> {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => world.after(ms, resolve));
  return toldBy(
    urls.filter((each) => each !== url),
    world.random.below(urls.length),
    (each) => ask(each),
    () => wait(PAUSE_MS),
    signal,
  );

  function ask(each: string): Promise<Address | "gone"> {
    const end = doors.connect(from, placeOf(each));
    return new Promise((resolve) => {
      const settle = (answer: Address | "gone"): void => {
        end.close();
        resolve(answer);
      };
      signal.addEventListener("abort", () => settle("gone"), { once: true });
      world.after(HELD_MS, () => settle("gone"));
      end.onClose = () => settle("gone");
      end.onMessage = (wire) => settle(wire.kind === "led-by" ? { hostname: wire.leader, port: MASTER_PORT } : "gone");
      end.send({ kind: "leader-watch", leader: hostAndPort(leader.hostname, leader.port) });
    });
  }
}

/** Where the server of that URL is. */
export function placeOf(url: string): string {
  return new URL(url).hostname;
}
