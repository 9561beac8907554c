import type { Resource, ValueScalar } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { Failure } from "../core/failure.ts";
import { splitPair } from "../core/values.ts";
import type { Invocation } from "../invocation.ts";

/** The resources of a list like 'cpus:4;mem:2048', or a failure that says which piece is wrong. */
export function readResources(text: string): Resource[] {
  const resources = parseResources(text);
  if (!isRefusal(resources)) return resources.map(({ role: _, ...resource }) => resource);
  throw new Failure("usage", { message: `"${text}" is no list of resources`, why: resources.message });
}

/** The same for quantities, which are scalars only: guarantees and limits. */
export function readScalars(text: string): Record<string, ValueScalar> {
  const resources = readResources(text);
  const other = resources.find((resource) => !resource.scalar);
  if (other) throw new Failure("usage", { message: `${other.name} is no amount`, why: "quota works on numbers only" });
  return Object.fromEntries(resources.map(({ name, scalar }) => [name, scalar!]));
}

/** Resources reserved dynamically for `--role`, with the marks of `--label`. */
export function reserved({ flags }: Invocation, resources: readonly Resource[]): Resource[] {
  const role = flags.text("role");
  if (role === undefined)
    throw new Failure("usage", { message: "--role is missing", why: "it says for whom they are reserved" });
  const pairs = flags.list("label").map(splitPair);
  const labels = pairs.length > 0 && { labels: { labels: pairs.map(([key, value]) => ({ key, value })) } };
  return resources.map((resource) => ({ ...resource, reservations: [{ type: "DYNAMIC" as const, role, ...labels }] }));
}
