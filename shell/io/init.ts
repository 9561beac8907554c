import type { App } from "@meseta/api/marathon/app.ts";
import type { Deployment } from "@meseta/api/marathon/deployment.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import { InitClient } from "@meseta/sdk/init/client.ts";
import { Failure } from "../core/failure.ts";
import { type Details, type Listing, renderDetails } from "../core/listing.ts";
import type { Named } from "../core/name.ts";
import type { ServiceNames } from "../core/row.ts";
import type { AppInFull } from "../core/views/apps.ts";
import { type GroupTree, groupsIn } from "../core/views/groups.ts";
import type { Invocation } from "../invocation.ts";
import { pick } from "./cluster.ts";
import { outputOf, printListing } from "./print.ts";
import { serviceAddress } from "./service-address.ts";

/** Opens the init of a command line, runs the function with it, and closes it. */
export async function withInit<T>(invocation: Invocation, body: (init: InitClient) => Promise<T>): Promise<T> {
  const init = new InitClient(...serviceAddress(invocation.flags, "init"));
  try {
    return await body(init);
  } catch (error) {
    throw error instanceof CallRefused ? (asLock(error) ?? error) : error;
  } finally {
    init.close();
  }
}

function asLock({ status, text, call, url }: CallRefused): Failure | undefined {
  if (status !== 409 || !text.startsWith("locked by ")) return undefined;
  const why = `deployment ${text.slice("locked by ".length)} acts on it; --force would end that one where it is`;
  return new Failure("locked", { what: call, why }, url);
}

/** A whole read command for a list of what init has. */
export function listOfInit<T>(
  invocation: Invocation,
  fetch: (init: InitClient) => Promise<Listing<T>>,
): Promise<number> {
  outputOf(invocation);
  return withInit(invocation, async (init) => {
    if (invocation.flags.on("watch")) {
      const { watch, gathered } = await import("./watch.ts");
      return watch(invocation, gathered(init.events()), () => fetch(init));
    }
    printListing(invocation, await fetch(init));
    return 0;
  });
}

/** A whole read command for one thing that init has. */
export function showOfInit(invocation: Invocation, fetch: (init: InitClient) => Promise<Details>): Promise<number> {
  const output = outputOf(invocation);
  return withInit(invocation, async (init) => {
    invocation.terminal.out(renderDetails(await fetch(init), output));
    return 0;
  });
}

/** What there is of a kind, by the words that mean it: a path with or without its first slash, or a unique beginning or end. */
export async function namesOf(init: InitClient, kind: ServiceNames): Promise<Named<string>[]> {
  return (await idsOf(init, kind)).map((id) => ({ item: id, id, names: [id.replace(/^\//, "")] }));
}

async function idsOf(init: InitClient, kind: ServiceNames): Promise<string[]> {
  switch (kind) {
    case "app":
      return (await init.get<{ apps: readonly App[] }>("/v2/apps")).apps.map(({ id }) => id);
    case "pod":
      return (await init.get<readonly Pod[]>("/v2/pods")).map(({ id }) => id);
    case "group":
      return groupsIn(await init.get<GroupTree>("/v2/groups")).map(({ id }) => id);
    case "deployment":
      return (await init.get<readonly Deployment[]>("/v2/deployments")).map(({ id }) => id);
  }
}

/** The id that a word means; the word itself, as a path, when exactly that exists. */
export async function idOf(init: InitClient, kind: ServiceNames, word: string): Promise<string> {
  return pick(kind, await namesOf(init, kind), word);
}

/** The app that a word means. Asked for by its path first, so that a whole name costs one small answer. */
export async function appOf(init: InitClient, word: string): Promise<AppInFull> {
  const found = await init.find<{ app: AppInFull }>(`/v2/apps${pathOf(word)}`);
  if (found !== undefined && "app" in found) return found.app;
  return (await init.get<{ app: AppInFull }>(`/v2/apps${await idOf(init, "app", word)}`)).app;
}

/** Whoever is not asked has to give the whole name: where that is gone, its beginning may mean a neighbour. */
export function mustBeWhole({ flags }: Invocation, kind: ServiceNames, id: string, given: string): void {
  if (!flags.on("yes") || id === given || id === `/${given}`) return;
  throw new Failure("not-found", { kind, name: given, why: `--yes takes whole names only; did you mean ${id}?` });
}

/** "web" and "/web" are the same path. */
export function pathOf(word: string): string {
  return encodeURI(word.startsWith("/") ? word : `/${word}`);
}
