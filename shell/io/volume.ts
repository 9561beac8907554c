import { Failure } from "../core/failure.ts";
import { readValue } from "../core/values.ts";
import { namedVolumes, type Volume, volumesOf } from "../core/views/volumes.ts";
import { type Invocation, word } from "../invocation.ts";
import { type Cluster, pick } from "./cluster.ts";

/** The volume that a command line means, on the node of `--node` where that is given. */
export async function findVolume(cluster: Cluster, invocation: Invocation): Promise<Volume> {
  const nodeWord = invocation.flags.text("node");
  const nodes = nodeWord === undefined ? await cluster.nodes() : [await cluster.node(nodeWord)];
  return pick("volume", namedVolumes(volumesOf(nodes)), word(invocation, "volume"));
}

/** MiB of an argument that is a size. */
export function sizeOf(invocation: Invocation, name: string): number {
  const read = readValue("size", word(invocation, name));
  if ("value" in read && read.value > 0) return read.value;
  throw new Failure("usage", {
    message: `${word(invocation, name)} is no size`,
    why: "it takes a size, as in 512 (MiB) or 4g",
  });
}
