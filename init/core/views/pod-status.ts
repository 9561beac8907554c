import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { PodInstanceState, PodStatus } from "@meseta/api/marathon/pod-status.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { isPod } from "../definition/spec.ts";
import { formatTimestamp, parseTimestamp } from "../definition/version.ts";
import type { Instance } from "../instance/instance.ts";
import type { Reading } from "../query.ts";
import type { Service } from "../state.ts";
import { specOfVersion } from "../tree-at.ts";
import type { QueryFor } from "./apps.ts";
import { Generations } from "./generations.ts";
import { podText } from "./groups.ts";
import { instanceOnWire, lastChangeMs } from "./pod-instance.ts";
import type { Seen } from "./seen.ts";
import { podNotFound } from "./versions.ts";

/** GET /v2/pods/::status: of all pods that are wanted. */
export function readPodStatuses(state: Seen): Reading {
  const pieces = new Pieces().add("[");
  const write = (pod: Pod) => pieces.add(statusText(pod, state.services.get(pod.id), state));
  return pieces.list(state.tree.pods.values(), write).add("]").reading();
}

/** GET /v2/pods/{id}::status. A pod that is being removed is still shown while it has instances. */
export function readPodStatus({ id }: QueryFor<"pod-status">, state: Seen): Reading {
  const service = state.services.get(id);
  const pod = state.tree.pods.get(id) ?? lastOf(service, state);
  return pod === undefined ? podNotFound(id) : { status: 200, pieces: [statusText(pod, service, state)] };
}

// What remains of a pod that nobody wants any more is shown by the definition that it was launched with.
function lastOf(service: Service | undefined, state: Seen): Pod | undefined {
  for (const { version } of service?.instances.values() ?? []) {
    const spec = specOfVersion(state, service!.id, version);
    if (spec !== undefined && isPod(spec)) return spec;
  }
  return undefined;
}

function statusText(pod: Pod, service: Service | undefined, state: Seen): string {
  const instances = shownInstances(pod, service, state);
  const alone = statusOf(pod, service, instances, state);
  const texts = instances.map(({ text }) => text).join(",");
  return `${JSON.stringify(alone).slice(0, -1)},"spec":${podText(pod)},"instances":[${texts}]}`;
}

function statusOf(pod: Pod, service: Service | undefined, instances: readonly Shown[], state: Seen): StatusAlone {
  const isWanted = state.tree.pods.has(pod.id);
  const stable = instances.filter(({ status }) => status === "STABLE").length;
  const status = !isWanted ? "TERMINAL" : stable >= pod.scaling.instances ? "STABLE" : "DEGRADED";
  const since = sinceText(pod, service);
  return {
    id: pod.id,
    status,
    statusSince: since,
    ...(status === "DEGRADED" && { message: `${stable} of ${pod.scaling.instances} instances are stable` }),
    terminationHistory: service?.terminations ?? [],
    lastUpdated: since,
    lastChanged: since,
  };
}

type StatusAlone = Omit<PodStatus, "spec" | "instances">;

/** An instance as it is shown by one definition. */
interface Shown {
  readonly pod: Pod;
  readonly status: PodInstanceState;
  readonly text: string;
}

const SHOWN = new Generations<Instance, Shown>(32 * 1024 * 1024);

function shownInstances(pod: Pod, service: Service | undefined, state: Seen): Shown[] {
  return [...(service?.instances.values() ?? [])].map((instance) => {
    const launched = definitionOf(instance, pod, state);
    const kept = SHOWN.get(instance);
    if (kept?.pod === launched) return kept;
    const status = instanceOnWire(instance, launched);
    const made = { pod: launched, status: status.status, text: JSON.stringify(status) };
    SHOWN.put(instance, made);
    return made;
  });
}

function definitionOf({ version }: Instance, pod: Pod, state: Seen): Pod {
  const spec = version === pod.version ? pod : specOfVersion(state, pod.id, version);
  return spec !== undefined && isPod(spec) ? spec : pod;
}

// The latest change of an instance, or of the definition.
function sinceText({ version }: Pod, service: Service | undefined): string {
  const changes = [...(service?.instances.values() ?? [])].map(lastChangeMs);
  return formatTimestamp(changes.reduce((a, b) => Math.max(a, b), parseTimestamp(version) ?? 0));
}
