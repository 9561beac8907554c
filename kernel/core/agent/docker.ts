import type { ContainerInfo, ContainerInfoDockerInfo, Parameter, Volume } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { DEFAULT_CAPABILITIES } from "./capabilities.ts";
import type { ContainerMount, NetworkWish } from "./isolation.ts";
import { networkWishes, portMappingsOf } from "./network.ts";
import type { RLimit } from "./ports.ts";
import type { ContainerWish } from "./wish.ts";

/** A container of type DOCKER, as the same driver runs it: its image, its networks, and those parameters that mean something here. */
export function dockerWish(container: ContainerInfo, common: ContainerWish, bridge: string): ContainerWish | Refusal {
  const { docker } = container;
  if (docker === undefined) return refuse("a container of type DOCKER needs its 'docker' part");
  const networks = dockerNetworks(docker, container, bridge);
  if (isRefusal(networks)) return networks;
  const draft: Draft = {
    ...common,
    image: { name: docker.image, cached: docker.force_pull_image !== true },
    networks,
    privileged: docker.privileged === true,
    docker: { environment: {} },
    added: new Set(),
    dropped: new Set(),
  };
  for (const parameter of docker.parameters ?? []) {
    const problem = apply(draft, parameter);
    if (problem !== undefined) return refuse(`Docker parameter '${parameter.key}': ${problem}`);
  }
  const { added, dropped, ...wish } = draft;
  return { ...wish, capabilities: capabilitiesOf(added, dropped) ?? common.capabilities };
}

type Draft = { -readonly [K in keyof ContainerWish]: ContainerWish[K] } & {
  readonly added: Set<string>;
  readonly dropped: Set<string>;
};

function dockerNetworks(
  docker: ContainerInfoDockerInfo,
  { network_infos = [] }: ContainerInfo,
  bridge: string,
): readonly NetworkWish[] | Refusal | undefined {
  const portMappings = portMappingsOf(docker.port_mappings ?? []);
  if (isRefusal(portMappings)) return portMappings;
  switch (docker.network ?? "HOST") {
    case "HOST":
      return undefined;
    case "NONE":
      return [];
    case "BRIDGE":
      return [{ name: bridge, portMappings, labels: {}, addresses: [] }];
    case "USER": {
      const named = networkWishes(network_infos);
      if (isRefusal(named)) return named;
      if (named === undefined) return refuse("a network of type USER needs the name of the network in 'network_infos'");
      return named.map((wish, i) =>
        i === 0 ? { ...wish, portMappings: [...wish.portMappings, ...portMappings] } : wish,
      );
    }
  }
}

type Meaning = (draft: Draft, value: string) => string | undefined;

const MEANINGS: Readonly<Record<string, Meaning>> = {
  env: addVariable,
  hostname: (draft, value) => void (draft.hostname = value),
  workdir: (draft, value) => void (draft.docker = { ...draft.docker!, workingDirectory: value }),
  user: (draft, value) => void (draft.docker = { ...draft.docker!, user: value }),
  entrypoint: (draft, value) => void (draft.docker = { ...draft.docker!, entrypoint: value }),
  "cap-add": (draft, value) => void draft.added.add(capabilityName(value)),
  "cap-drop": (draft, value) => void draft.dropped.add(capabilityName(value)),
  privileged: (draft, value) => setIf(value, () => (draft.privileged = true)),
  "read-only": (draft, value) => setIf(value, () => (draft.readOnlyRoot = true)),
  "shm-size": setShm,
  ulimit: addRlimit,
  device: addDevice,
  volume: addVolume,
  tmpfs: addTmpfs,
  // They change nothing that can be seen here: there is nowhere to show labels, and the launcher is every container's init.
  label: () => undefined,
  init: () => undefined,
  rm: () => undefined,
};

const SHORT: Readonly<Record<string, string>> = {
  e: "env",
  h: "hostname",
  w: "workdir",
  u: "user",
  l: "label",
  v: "volume",
};

function apply(draft: Draft, { key, value }: Parameter): string | undefined {
  const meaning = Object.hasOwn(MEANINGS, SHORT[key] ?? key) ? MEANINGS[SHORT[key] ?? key]! : undefined;
  if (meaning !== undefined) return meaning(draft, value);
  return `it means nothing here; these do: ${Object.keys(MEANINGS).join(", ")}`;
}

function setIf(value: string, set: () => void): string | undefined {
  if (value !== "" && value !== "true" && value !== "false") return `'${value}' is neither true nor false`;
  if (value !== "false") set();
  return undefined;
}

function addVariable(draft: Draft, value: string): string | undefined {
  const at = value.indexOf("=");
  if (at <= 0) return `'${value}' is not of the form NAME=value`;
  const environment = { ...draft.docker!.environment, [value.slice(0, at)]: value.slice(at + 1) };
  draft.docker = { ...draft.docker!, environment };
  return undefined;
}

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

function bytesOf(value: string): number | undefined {
  const parts = /^(\d+)([bkmg]?)b?$/i.exec(value);
  return parts === null ? undefined : Number(parts[1]) * UNITS[parts[2]!.toLowerCase() || "b"]!;
}

function setShm(draft: Draft, value: string): string | undefined {
  const bytes = bytesOf(value);
  if (bytes === undefined) return `'${value}' is no size, such as 64m`;
  draft.shmMiB = Math.max(1, Math.ceil(bytes / 2 ** 20));
  return undefined;
}

function addRlimit(draft: Draft, value: string): string | undefined {
  const parts = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(value);
  if (parts === null) return `'${value}' is not of the form nofile=1024:2048`;
  const [soft, hard] = [Number(parts[2]), Number(parts[3] ?? parts[2])];
  const type = `RLMT_${parts[1]!.toUpperCase()}`;
  // -1 is no limit, which is what neither of both means.
  const limit: RLimit = soft < 0 || hard < 0 ? { type } : { type, soft, hard };
  draft.rlimits = [...(draft.rlimits ?? []).filter((other) => other.type !== type), limit];
  return undefined;
}

function addDevice(draft: Draft, value: string): string | undefined {
  const [path, inside = path, access = "rwm"] = value.split(":");
  if (path === undefined || !path.startsWith("/dev/") || inside !== path || !/^[rwm]+$/.test(access))
    return `'${value}' is not of the form /dev/name[:/dev/name[:rwm]]`;
  draft.devices = [...draft.devices, { path, access }];
  return undefined;
}

// As Docker's --tmpfs: PATH[:OPTION,…]. Devices and setuid never mean anything in it.
function addTmpfs(draft: Draft, value: string): string | undefined {
  const [inside = "", options = "", more] = value.split(":");
  if (!inside.startsWith("/") || more !== undefined)
    return `'${value}' is not of the form /inside[:size=64m,mode=1777]`;
  let mount: ContainerMount & { kind: "tmpfs" } = { kind: "tmpfs", inside, readOnly: false };
  for (const option of options.split(",").filter((one) => !["", "rw", "nosuid", "nodev", "noexec"].includes(one))) {
    const [name, text = ""] = option.split("=");
    const bytes = name === "size" ? bytesOf(text) : undefined;
    if (bytes !== undefined) mount = { ...mount, bytes };
    else if (name === "mode" && /^[0-7]{3,4}$/.test(text)) mount = { ...mount, mode: Number.parseInt(text, 8) };
    else if (option === "ro") mount = { ...mount, readOnly: true };
    else if (option === "exec") mount = { ...mount, exec: true };
    else return `'${option}' is none of size=, mode=, ro, rw, exec, noexec, nosuid, nodev`;
  }
  draft.inMemory = [...(draft.inMemory ?? []), mount];
  return undefined;
}

function addVolume(draft: Draft, value: string): string | undefined {
  const [host, inside, mode = "rw", more] = value.split(":");
  if (inside === undefined || more !== undefined || !host!.startsWith("/") || (mode !== "rw" && mode !== "ro"))
    return `'${value}' is not of the form /on/the/agent:/inside[:ro]`;
  const volume: Volume = { mode: mode === "ro" ? "RO" : "RW", container_path: inside, host_path: host! };
  draft.volumes = [...draft.volumes, volume];
  return undefined;
}

function capabilityName(value: string): string {
  return value.toUpperCase().replace(/^CAP_/, "");
}

function capabilitiesOf(added: ReadonlySet<string>, dropped: ReadonlySet<string>): ContainerWish["capabilities"] {
  if (added.size === 0 && dropped.size === 0) return undefined;
  const base = dropped.has("ALL") ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.has(name));
  return { effective: [...new Set([...base, ...added])] };
}
