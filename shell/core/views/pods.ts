import type { PodInstanceStatus, PodStatus } from "@meseta/api/marathon/pod-status.ts";
import { type Details, type Listing, part } from "../listing.ts";
import { since } from "../since.ts";
import { type Look, shown } from "../state.ts";

const LOOKS: Readonly<Record<string, Look>> = {
  STABLE: { mark: "●", word: "stable", tone: "good" },
  DEGRADED: { mark: "◐", word: "degraded", tone: "warn" },
  STAGING: { mark: "◐", word: "staging", tone: "busy" },
  PENDING: { mark: "◐", word: "pending", tone: "busy" },
  TERMINAL: { mark: "○", word: "terminal", tone: "dim" },
};

function lookOf({ status }: { readonly status: string }): Look {
  return LOOKS[status] ?? { mark: "✗", word: status.toLowerCase(), tone: "bad" };
}

export function stableOf({ instances }: PodStatus): number {
  return instances.filter(({ status }) => status === "STABLE").length;
}

export function podListing(pods: readonly PodStatus[], nowMs: number): Listing<PodStatus> {
  return {
    items: pods,
    name: ({ id }) => id,
    extra: ({ spec }, key) => spec.labels[key],
    none: "No pods yet. Add one: meseta pod add FILE",
    columns: [
      { title: "POD", text: ({ id }) => id },
      { title: "STATE", text: (pod) => shown(lookOf(pod)), tone: (pod) => lookOf(pod).tone },
      { title: "STABLE", right: true, text: (pod) => `${stableOf(pod)}/${pod.spec.scaling.instances}`, key: stableOf },
      { title: "CONTAINERS", text: ({ spec }) => spec.containers.map(({ name }) => name).join(", ") },
      {
        title: "SINCE",
        right: true,
        text: (pod) => since(Date.parse(pod.statusSince), nowMs),
        key: (pod) => -Date.parse(pod.statusSince),
      },
      { title: "ROLE", text: ({ spec }) => spec.role, wide: true },
      { title: "VERSION", text: ({ spec }) => spec.version, wide: true },
    ],
  };
}

export function podDetails(pod: PodStatus, nowMs: number): Details {
  const look = lookOf(pod);
  return {
    item: pod,
    name: pod.id,
    lines: [
      ["Pod", pod.id, "strong"],
      ["State", `${shown(look)} for ${since(Date.parse(pod.statusSince), nowMs)}`, look.tone],
      ["Message", pod.message],
      ["Instances", `${stableOf(pod)} of ${pod.spec.scaling.instances} stable`],
      ["Containers", pod.spec.containers.map(({ name }) => name).join(", ")],
      ["Role", pod.spec.role],
      ["Version", pod.spec.version],
    ],
    parts: [part("Instances", instanceListing(pod.instances, nowMs))],
  };
}

function instanceListing(instances: readonly PodInstanceStatus[], nowMs: number): Listing<PodInstanceStatus> {
  return {
    items: instances,
    name: ({ id }) => id,
    none: "",
    columns: [
      { title: "INSTANCE", text: ({ id }) => id },
      { title: "STATE", text: (one) => shown(lookOf(one)), tone: (one) => lookOf(one).tone },
      { title: "HOST", text: ({ agentHostname }) => agentHostname ?? "" },
      { title: "CONTAINERS", text: containersText },
      { title: "SINCE", right: true, text: (one) => since(Date.parse(one.statusSince), nowMs) },
    ],
  };
}

function containersText({ containers }: PodInstanceStatus): string {
  return containers.map(({ name, status }) => `${name} ${status.replace("TASK_", "").toLowerCase()}`).join(", ");
}
