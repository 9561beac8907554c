import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { type Allocation, type AllocatorOptions, allocatorOf, type FrameworkSettings } from "./allocator.ts";
import { createState } from "./state.ts";

/** For tests: small clusters in a line. The state is there for those that look at the books. */
export function sketch(options: AllocatorOptions = {}, seed = 1) {
  const random = createRandom(seed);
  const state = createState(options, Math.floor(random.next() * 0x1_0000_0000));
  return { state, ...allocatorOf(state) };
}

/**
 * `cpus:4;mem:1024;ports:[1-5,8-9];zones:{a,b}`, with marks behind the name: `cpus(eng)` reserved, `cpus(eng/ads<eng)` refined from eng, `cpus!` revocable,
 * `disk#m` a MOUNT disk m, `disk@m` a PATH disk m, `disk(eng)%v` persistent volume v, `disk(eng)%v~` shared.
 */
export function bag(text: string): Resource[] {
  return text
    .split(";")
    .filter((part) => part !== "")
    .map(resource);
}

export function framework(
  roles: string | readonly string[] = "*",
  settings: Partial<FrameworkSettings> = {},
): FrameworkSettings {
  return {
    roles: typeof roles === "string" ? [roles] : roles,
    capabilities: ["MULTI_ROLE", "RESERVATION_REFINEMENT"],
    ...settings,
  };
}

/** Offers as `framework role agent: cpus:4;mem:1024`, sorted. */
export function shown({ offers }: Allocation): string[] {
  return offers
    .flatMap(({ frameworkId, offers: drafts }) =>
      drafts.map(({ role, agentId, resources }) => `${frameworkId} ${role} ${agentId}: ${text(resources)}`),
    )
    .sort();
}

export function text(resources: readonly Resource[]): string {
  return resources.map(show).sort().join(";");
}

function resource(part: string): Resource {
  const [, name, role, base, revocable, kind, root, volume, shared, value] = PART.exec(part)!;
  return {
    name: name!,
    ...amountOf(value!),
    ...(role === undefined ? {} : { reservations: [...(base ? [reservation(base)] : []), reservation(role)] }),
    ...(revocable ? { revocable: {} } : {}),
    ...(kind === "#" ? { disk: { source: { type: "MOUNT", mount: { root: root! } } } } : {}),
    ...(kind === "@" ? { disk: { source: { type: "PATH", path: { root: root! } } } } : {}),
    ...(volume ? { disk: { persistence: { id: volume }, volume: { mode: "RW", container_path: volume } } } : {}),
    ...(shared ? { shared: {} } : {}),
  };
}

const PART = /^(\w+)(?:\(([\w/]+)(?:<([\w/]+))?\))?(!)?(?:([#@])(\w+))?(?:%(\w+))?(~)?:(.*)$/;

function reservation(role: string) {
  return { type: "DYNAMIC", role, principal: "ops" } as const;
}

function amountOf(value: string): Pick<Resource, "type" | "scalar" | "ranges" | "set"> {
  const inner = value.slice(1, -1);
  if (value.startsWith("{")) return { type: "SET", set: { item: inner.split(",") } };
  if (!value.startsWith("[")) return { type: "SCALAR", scalar: { value: Number(value) } };
  const range = inner.split(",").map((pair) => {
    const [begin, end] = pair.split("-").map(Number);
    return { begin: begin!, end: end! };
  });
  return { type: "RANGES", ranges: { range } };
}

function show({ name, scalar, ranges, set, reservations, revocable, disk, shared }: Resource): string {
  const role = reservations?.length
    ? `(${reservations.at(-1)!.role}${reservations.length > 1 ? `<${reservations.at(-2)!.role}` : ""})`
    : "";
  const source =
    disk?.source === undefined ? "" : disk.source.mount ? `#${disk.source.mount.root}` : `@${disk.source.path?.root}`;
  const volume = disk?.persistence === undefined ? "" : `%${disk.persistence.id}`;
  const value =
    scalar?.value ??
    (set ? `{${set.item?.join(",")}}` : `[${ranges?.range?.map(({ begin, end }) => `${begin}-${end}`).join(",")}]`);
  return `${name}${role}${revocable ? "!" : ""}${source}${volume}${shared ? "~" : ""}:${value}`;
}
