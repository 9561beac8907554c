import { agentUrl } from "@meseta/sdk/core/address.ts";
import { Failure } from "../core/failure.ts";
import type { Listing } from "../core/listing.ts";
import { lastPart } from "../core/name.ts";
import { nodeId, whyAway } from "../core/views/nodes.ts";
import type { Invocation } from "../invocation.ts";
import { type Cluster, mastersOf, withCluster } from "../io/cluster.ts";
import { askHealth, type PartHealth, servicesHealth } from "../io/health.ts";
import { outputOf, printListing } from "../io/print.ts";

/** How often all are asked with --watch: nothing tells when one is well no more. */
const LOOK_AGAIN_MS = 2000;

export function run(invocation: Invocation): Promise<number> {
  outputOf(invocation);
  return withCluster(invocation, async (cluster) => {
    if (invocation.flags.on("watch")) {
      const { watch, ticks } = await import("../io/watch.ts");
      return watch(invocation, ticks(LOOK_AGAIN_MS), async () => listing(await look(cluster, invocation)));
    }
    const parts = await look(cluster, invocation);
    printListing(invocation, listing(parts));
    failWhereNothingIsStored(parts);
    return parts.every(({ healthy }) => healthy) ? 0 : 1;
  });
}

async function look(cluster: Cluster, invocation: Invocation): Promise<PartHealth[]> {
  const [masters, agents, { init, cron }] = await Promise.all([
    Promise.all(mastersOf(invocation).map((url, at) => ask({ part: `master ${at + 1}`, url }))),
    lookAtAgents(cluster),
    servicesHealth(invocation.flags),
  ]);
  return [...masters, ...agents, ...init, ...cron];
}

async function lookAtAgents(cluster: Cluster): Promise<PartHealth[]> {
  const nodes = await cluster.nodes();
  return Promise.all(
    nodes.map((node) => ask({ part: `agent ${lastPart(nodeId(node))}`, url: agentUrl(node) }, whyAway(node))),
  );
}

// Whoever does not answer tells more by that than the master does.
async function ask(part: Pick<PartHealth, "part" | "url">, away?: string): Promise<PartHealth> {
  const own = await askHealth(part.url);
  return own.healthy && away !== undefined ? { ...part, healthy: false, why: away } : { ...part, ...own };
}

function failWhereNothingIsStored(parts: readonly PartHealth[]): void {
  const all = parts.filter(({ code }) => code === "cannot-store");
  const [first] = all;
  if (first === undefined) return;
  const reasons = [...new Set(all.map(({ why }) => why))].join("; ");
  throw new Failure("cannot-store", { part: all.map(({ part }) => part).join(", "), why: reasons }, first.url);
}

function listing(parts: readonly PartHealth[]): Listing<PartHealth> {
  return {
    items: parts,
    name: ({ part }) => part,
    none: "Nobody is there to be asked.",
    columns: [
      { title: "PART", text: ({ part }) => part },
      {
        title: "HEALTH",
        text: ({ healthy, code }) =>
          healthy ? "● healthy" : code === "cannot-store" ? "◐ cannot store" : "✗ not well",
        tone: ({ healthy, code }) => (healthy ? "good" : code === "cannot-store" ? "warn" : "bad"),
      },
      { title: "ADDRESS", text: ({ url }) => url },
      { title: "WHY", text: ({ why }) => why },
    ],
  };
}
