import { setTimeout as wait } from "node:timers/promises";
import type { FormattedStore } from "@meseta/lib/core/formatted.ts";
import type { Election } from "@meseta/lib/core/ports/election.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Settings } from "../flags.ts";
import { type Part, placeOf } from "../store/place.ts";

/**
 * The election among the processes on a part's store in etcd; undefined for a file, which only one can have open. `headers`: for the request at the leader that
 * standbys hold.
 */
export async function electionOf(
  settings: Settings,
  part: Part,
  dir: string,
  store: FormattedStore,
  log: Log,
  headers?: Readonly<Record<string, string>>,
): Promise<Election | undefined> {
  const place = placeOf(settings, part, dir);
  if (place.kind === "sqlite") return undefined;
  const { etcdElection } = await import("@meseta/drivers/election/etcd.ts");
  return refusingNewer(etcdElection({ ...place, headers, log }), store);
}

// Who could not lead does not stand by: it would take the lead from those who can.
function refusingNewer(election: Election, store: FormattedStore): Election {
  return {
    async stand(self) {
      await store.refuseNewer();
      await election.stand(self);
    },
    leader: () => election.leader(),
    hears: () => election.hears(),
    mayAct: () => election.mayAct(),
    lost: election.lost,
    resign: () => election.resign(),
  };
}

/** What a standby says at the leader's port, whose credentials are its own. */
export function watchHeaders(settings: Settings): Readonly<Record<string, string>> | undefined {
  const credentials = settings["http-credentials"];
  if (credentials === undefined) return undefined;
  return { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/** How long a process that must end takes to close what it has open; then it ends all the same. */
const LAST_MS = 2_000;

/** Waits for the end of a part's process, stops the part, and gives the exit code. One that ends well has all the time it needs. */
export async function endOf(ended: Promise<number>, stop: () => Promise<void>): Promise<number> {
  const code = await ended.catch(async (error) => {
    await soon(stop());
    throw error;
  });
  await (code === 0 ? stop() : soon(stop()));
  return code;
}

function soon(work: Promise<void>): Promise<void> {
  return Promise.race([work, wait(LAST_MS)]);
}
