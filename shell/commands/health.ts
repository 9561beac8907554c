import { agentUrl } from "@meseta/sdk/core/address.ts";
import type { Listing } from "../core/listing.ts";
import { lastPart } from "../core/name.ts";
import { nodeId, whyAway } from "../core/views/nodes.ts";
import type { Invocation } from "../invocation.ts";
import { mastersOf, withCluster } from "../io/cluster.ts";
import { askHealth } from "../io/health.ts";
import { outputOf, printListing } from "../io/print.ts";

interface Part {
  readonly part: string;
  readonly url: string;
  readonly healthy: boolean;
  readonly why: string;
}

export function run(invocation: Invocation): Promise<number> {
  outputOf(invocation);
  return withCluster(invocation, async (cluster) => {
    const masters = mastersOf(invocation).map((url, index) => ({ part: `master ${index + 1}`, url }));
    const agents = (await cluster.nodes()).map((node) => ({
      part: `agent ${lastPart(nodeId(node))}`,
      url: agentUrl(node),
      away: whyAway(node),
    }));
    const parts = await Promise.all(
      [...masters.map((master) => ({ ...master, away: undefined })), ...agents].map(look),
    );
    printListing(invocation, listing(parts));
    return parts.every(({ healthy }) => healthy) ? 0 : 1;
  });
}

async function look({ away, ...part }: Omit<Part, "healthy" | "why"> & { away: string | undefined }): Promise<Part> {
  const own = await askHealth(part.url);
  // Whoever does not answer tells more by that.
  return own.healthy && away !== undefined ? { ...part, healthy: false, why: away } : { ...part, ...own };
}

function listing(parts: readonly Part[]): Listing<Part> {
  return {
    items: parts,
    name: ({ part }) => part,
    none: "Nobody is there to be asked.",
    columns: [
      { title: "PART", text: ({ part }) => part },
      {
        title: "HEALTH",
        text: ({ healthy }) => (healthy ? "● healthy" : "✗ not well"),
        tone: ({ healthy }) => (healthy ? "good" : "bad"),
      },
      { title: "ADDRESS", text: ({ url }) => url },
      { title: "WHY", text: ({ why }) => why },
    ],
  };
}
