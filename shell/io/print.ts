import { Failure } from "../core/failure.ts";
import {
  type Details,
  type Listing,
  type OutputForm,
  render,
  renderDetails,
  type Selection,
  select,
} from "../core/listing.ts";
import type { Invocation } from "../invocation.ts";
import { type Cluster, withCluster } from "./cluster.ts";

const FORMS = ["table", "wide", "json", "yaml", "name"];

/** The form of `-o`, with its short forms --json and -q. */
export function outputOf({ flags, terminal }: Invocation): OutputForm {
  const asked = flags.text("output") ?? "table";
  const form = flags.on("json") ? "json" : flags.on("quiet") ? "name" : asked;
  if (!FORMS.includes(form) && !form.includes("{{")) {
    const why = `it takes ${FORMS.join(", ")}, or a template '{{…}}'`;
    throw new Failure("usage", { message: `-o ${form} is not understood`, why });
  }
  return { form, header: flags.on("header"), width: terminal.width, paint: terminal.paint };
}

/** A whole read command for a list: fetches, selects, prints, and with --watch stays; what no event tells is looked at every so often. */
export function listCommand<T>(
  invocation: Invocation,
  fetch: (cluster: Cluster) => Promise<Listing<T>>,
  watchEveryMs?: number,
): Promise<number> {
  outputOf(invocation);
  return withCluster(invocation, async (cluster) => {
    if (invocation.flags.on("watch")) {
      const { watch, changesOf, ticks } = await import("./watch.ts");
      const changes = watchEveryMs === undefined ? changesOf(cluster) : ticks(watchEveryMs);
      return watch(invocation, changes, () => fetch(cluster));
    }
    printListing(invocation, await fetch(cluster));
    return 0;
  });
}

/** A whole read command for one object. */
export function showCommand(invocation: Invocation, fetch: (cluster: Cluster) => Promise<Details>): Promise<number> {
  const output = outputOf(invocation);
  return withCluster(invocation, async (cluster) => {
    invocation.terminal.out(renderDetails(await fetch(cluster), output));
    return 0;
  });
}

export function printListing<T>(invocation: Invocation, listing: Listing<T>): void {
  const output = outputOf(invocation);
  const items = selected(invocation, listing);
  invocation.terminal.out(render(listing, items, output));
  const isTable = output.form === "table" || output.form === "wide";
  if (items.length > 0 || !isTable) return;
  const none = listing.items.length > 0 ? `None of ${listing.items.length} fits the filter.` : listing.none;
  invocation.terminal.err(`${none}\n`);
}

/** The items that --filter lets through, in the order of --sort. */
export function selected<T>({ flags }: Invocation, listing: Listing<T>): readonly T[] {
  const selection: Selection = { filters: flags.list("filter"), sort: flags.text("sort") };
  const items = select(listing, selection);
  if (!("unknown" in items)) return items;
  const columns = listing.columns.map(({ title }) => title.toLowerCase()).join(", ");
  throw new Failure("usage", { message: `there is no column "${items.unknown}"`, why: `columns are ${columns}` });
}
