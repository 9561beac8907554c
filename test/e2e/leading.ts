import type { RunningCluster } from "./local-cluster.ts";
import { processesWith } from "./local-cluster.ts";

/** The base URL of the server that leads, and is ready; undefined while none does. */
export async function leaderAmong(urls: readonly string[], path = "/weights"): Promise<string | undefined> {
  for (const url of urls) {
    const answer = await fetch(url + path, { redirect: "manual", signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.status === 200) return url;
  }
  return undefined;
}

/** Resolves to the leader among these as soon as there is one; `but`: another one than that. */
export async function elected(urls: readonly string[], but?: string): Promise<string> {
  for (;;) {
    const leader = await leaderAmong(urls.filter((url) => url !== but));
    if (leader !== undefined) return leader;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The process of the master that listens there. */
export function pidOfMaster({ ready, dir }: RunningCluster, url: string): number {
  const at = ready.masters.indexOf(url);
  const folder = `${dir}/master${at === 0 ? "" : `-${at + 1}`}`;
  const found = processesWith(folder).find(({ args }) => args.includes(folder));
  if (found === undefined) throw new Error(`no process of the master at ${url} runs`);
  return found.pid;
}
