import type { Json } from "@meseta/api/json-body/read.ts";
import type { Endpoint, Network } from "@meseta/api/marathon/network.ts";
import type { Pod, PodContainer, Scheduling } from "@meseta/api/marathon/pod.ts";
import { isHost } from "./app-defaults.ts";
import type { Settings } from "./settings.ts";
import { isResident } from "./spec.ts";

/** A pod before its role and version are settled. */
export type PodDraft = Omit<Pod, "version" | "versionInfo" | "role"> & { readonly role?: string };

type Unfinished = Omit<PodDraft, "scheduling"> & { readonly scheduling?: Partial<Scheduling> };

/** A pod with every default: the table has filled its own, here are those that depend on other fields. */
export function fillPod(read: Json, { defaultNetworkName }: Settings): PodDraft {
  const pod = read as unknown as Unfinished;
  const given: readonly Network[] = pod.networks.length > 0 ? pod.networks : [{ mode: "host", labels: {} }];
  const networks = given.map((network) =>
    network.mode === "container" && network.name === undefined && defaultNetworkName !== undefined
      ? { ...network, name: defaultNetworkName }
      : network,
  );
  return {
    ...pod,
    networks,
    containers: pod.containers.map((container) => fillContainer(container, networks)),
    scheduling: schedulingOf(pod),
  };
}

function fillContainer(container: PodContainer, networks: readonly Network[]): PodContainer {
  const needsHostPort = isHost(networks) || networks.some(({ mode }) => mode === "container/bridge");
  return needsHostPort ? { ...container, endpoints: container.endpoints.map(withHostPort) } : container;
}

function withHostPort(endpoint: Endpoint): Endpoint {
  return { ...endpoint, hostPort: endpoint.hostPort ?? 0 };
}

function schedulingOf(pod: Unfinished): Scheduling {
  const { scheduling = {} } = pod;
  const { backoff, upgrade, placement, killSelection, unreachableStrategy } = scheduling;
  const ofResident = isResident(pod) ? RESIDENT : MOVABLE;
  return {
    backoff: backoff ?? { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
    upgrade: upgrade ?? ofResident.upgrade,
    placement: placement ?? { constraints: [], acceptedResourceRoles: [] },
    killSelection: killSelection ?? "YOUNGEST_FIRST",
    unreachableStrategy: unreachableStrategy ?? ofResident.unreachableStrategy,
  };
}

type ByResidency = Pick<Scheduling, "upgrade" | "unreachableStrategy">;

const RESIDENT: ByResidency = {
  upgrade: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
  unreachableStrategy: "disabled",
};

const MOVABLE: ByResidency = {
  upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
};
