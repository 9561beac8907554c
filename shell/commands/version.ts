import type { VersionInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { CallRefused, Unreachable } from "@meseta/sdk/core/errors.ts";
import type { Details } from "../core/listing.ts";
import type { Invocation } from "../invocation.ts";
import { showCommand } from "../io/print.ts";
import packageFile from "../package.json" with { type: "json" };

/** Works without a cluster too: then only this program's version is known. */
export function run(invocation: Invocation): Promise<number> {
  return showCommand(invocation, async (cluster): Promise<Details> => {
    const found = await cluster.master.getVersion().catch(nobody);
    return {
      item: { client: { version: packageFile.version, node: process.version }, cluster: found ?? null },
      name: packageFile.version,
      lines: [
        ["Meseta", packageFile.version, "strong"],
        ["Node", process.version],
        ["Cluster", found ? `${found.version} (the Mesos API version it speaks)` : "not reachable"],
        ["Built", found?.build_date],
      ],
    };
  });
}

function nobody(error: unknown): VersionInfo | undefined {
  if (error instanceof Unreachable || error instanceof CallRefused) return undefined;
  throw error;
}
