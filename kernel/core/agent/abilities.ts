import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { DEFAULT_CAPABILITIES } from "./capabilities.ts";
import type { Isolation } from "./isolation.ts";
import type { ContainerAbilities } from "./state.ts";

/** What this agent cannot give, as a sentence that says what is missing and what to do; undefined when it gives all. */
export function containerProblem(isolation: Isolation | undefined, abilities: ContainerAbilities): Refusal | undefined {
  if (isolation === undefined) return undefined;
  return (
    runtimeProblem(isolation, abilities) ??
    networkProblem(isolation, abilities) ??
    rightsProblem(isolation, abilities) ??
    namespaceProblem(isolation, abilities) ??
    deviceProblem(isolation, abilities)
  );
}

function runtimeProblem(isolation: Isolation, { images, missing }: ContainerAbilities): Refusal | undefined {
  if (images) return undefined;
  const { image, network } = isolation;
  const what =
    image !== undefined
      ? `the image '${image.name}'`
      : network.kind === "own"
        ? "a network of its own"
        : "mounts or rights of its own";
  return refuse(
    `this agent runs plain processes only and cannot give a container ${what}: ${missing ?? "install crun or runc and start the agent as root"}`,
  );
}

function networkProblem({ network }: Isolation, { networks: known }: ContainerAbilities): Refusal | undefined {
  if (network.kind === "host") return undefined;
  const has = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return firstRefusal(network.networks, ({ name }) =>
    known.includes(name) ? undefined : refuse(`this agent has no network named '${name}'; ${has}`),
  );
}

function rightsProblem(isolation: Isolation, abilities: ContainerAbilities): Refusal | undefined {
  if (abilities.privileged) return undefined;
  const what = beyondDefault(isolation);
  return what === undefined
    ? undefined
    : refuse(`this agent gives no container ${what}: start it with --allow-privileged`);
}

function beyondDefault({ privileged, capabilities, seccomp, mounts }: Isolation): string | undefined {
  if (privileged === true) return "all rights";
  if (seccomp === "unconfined") return "leave to go without seccomp";
  if (mounts.some((mount) => mount.kind === "path" && mount.propagate === true)) return "mounts that the agent sees";
  const { effective = [], bounding = [] } = capabilities ?? {};
  const more = [...new Set([...effective, ...bounding])].filter((name) => !DEFAULT_CAPABILITIES.includes(name));
  return more.length === 0 ? undefined : `the capabilities ${more.join(", ")}`;
}

function namespaceProblem({ pidNamespace, ipc }: Isolation, abilities: ContainerAbilities): Refusal | undefined {
  if (abilities.hostNamespaces || (pidNamespace !== "agent" && ipc?.mode !== "agent")) return undefined;
  const what = pidNamespace === "agent" ? "process ids" : "IPC namespace";
  return refuse(`this agent shares its own ${what} with no container: start it with --allow-host-namespaces`);
}

function deviceProblem({ devices = [] }: Isolation, { devices: allowed }: ContainerAbilities): Refusal | undefined {
  return firstRefusal(devices, ({ path }) =>
    allowed.includes(path)
      ? undefined
      : refuse(`this agent gives no container the device ${path}: start it with --allowed-devices ${path}`),
  );
}
