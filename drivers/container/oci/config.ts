import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { RLimit, Window } from "@meseta/kernel/core/agent/ports.ts";
import { capabilities } from "./isolators/capabilities.ts";
import { type DeviceNode, deviceNodes } from "./isolators/devices.ts";
import type { Identity } from "./isolators/identity.ts";
import { maskedPaths, readonlyPaths } from "./isolators/masks.ts";
import { type BindMount, bindMounts, kernelMounts } from "./isolators/mounts.ts";
import { namespaces } from "./isolators/namespaces.ts";
import { rlimits } from "./isolators/rlimits.ts";
import { defaultSeccomp, type OciSeccomp } from "./isolators/seccomp.ts";
import { type IdRange, idMappings } from "./isolators/user-namespace.ts";

/** What this machine is and can give. */
export interface MachineFacts {
  /** Node's name of it: "x64", "arm64". */
  readonly architecture: string;
  /** The agent's own, by Mesos' names. */
  readonly capabilities: readonly string[];
  /** Whether the runtime can make a mount read-only with all that is below it. */
  readonly recursiveReadOnly: boolean;
  /** Whether control groups keep containers from devices that were not given to them. */
  readonly devicesRefused: boolean;
}

/** All that a container is made of, found out beforehand. */
export interface ContainerPlan {
  readonly isolation: Isolation;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly identity: Identity;
  readonly terminal?: Window | undefined;
  readonly rlimits?: readonly RLimit[] | undefined;
  /** Absolute path of the root file system. */
  readonly root: string;
  readonly readOnlyRoot: boolean;
  readonly binds: readonly BindMount[];
  readonly devices: readonly DeviceNode[];
  /** Absent: ids inside are those of this machine. */
  readonly idRange?: IdRange | undefined;
  readonly networkNamespace?: string | undefined;
  readonly pidNamespace?: string | undefined;
  /** Where processes of that namespace are mounted, for who may not do it. */
  readonly processes?: string | undefined;
  readonly hostname?: string | undefined;
  /** Absent: the default profile. "unconfined": none. */
  readonly seccomp?: OciSeccomp | "unconfined" | undefined;
}

/**
 * The text of config.json for a runtime (OCI runtime-spec 1.0). It says nothing of cgroups: those are the launcher's. `filter` is what `seccomp`
 * compiles to, in base64, when that is known.
 */
export function configText(
  plan: ContainerPlan,
  machine: MachineFacts,
  seccomp: OciSeccomp | undefined = seccompSection(plan, machine),
  filter?: string,
): string {
  return textOf({
    ociVersion: "1.0.2",
    process: processOf(plan, machine),
    root: { path: plan.root, readonly: plan.readOnlyRoot },
    ...(plan.hostname !== undefined && { hostname: plan.hostname }),
    mounts: [
      ...kernelMounts(plan.isolation, { userNamespace: plan.idRange !== undefined, processes: plan.processes }),
      ...bindMounts(plan.binds, machine.recursiveReadOnly),
    ],
    linux: linuxOf(plan, seccomp),
    ...(filter !== undefined && { annotations: { "run.oci.seccomp_bpf_data": filter } }),
  });
}

function processOf(plan: ContainerPlan, machine: MachineFacts) {
  const { identity, isolation } = plan;
  return {
    ...terminalOf(plan.terminal),
    user: { uid: identity.uid, gid: identity.gid, additionalGids: identity.groups },
    args: plan.arguments,
    env: Object.entries(plan.environment).map(([name, value]) => `${name}=${value}`),
    cwd: plan.workingDirectory,
    capabilities: capabilities(isolation, identity.uid, grantable(plan, machine)),
    rlimits: rlimits(plan.rlimits),
    noNewPrivileges: !isolation.privileged,
  };
}

/** What a further process in the container has of it (exec.ts), as text: its config.json is there for its start alone. */
export function rightsText(plan: ContainerPlan, machine: MachineFacts): string {
  const { user, env, cwd, capabilities, noNewPrivileges } = processOf(plan, machine);
  const linux = plan.idRange ? { uidMappings: idMappings(plan.idRange) } : {};
  return JSON.stringify({ process: { user, env, cwd, capabilities, noNewPrivileges }, linux });
}

/** A terminal that has its size from the start. */
export function terminalOf(window: Window | undefined): object {
  if (!window) return { terminal: false };
  return { terminal: true, consoleSize: { height: window.rows, width: window.columns } };
}

function linuxOf(plan: ContainerPlan, seccomp: OciSeccomp | undefined): object {
  const { isolation, identity, idRange } = plan;
  return {
    namespaces: namespaces(isolation, {
      network: plan.networkNamespace,
      pid: plan.pidNamespace,
      user: idRange !== undefined,
    }),
    ...(idRange && { uidMappings: idMappings(idRange), gidMappings: idMappings(idRange) }),
    devices: deviceNodes(plan.devices, identity),
    ...(seccomp && { seccomp }),
    maskedPaths: isolation.privileged ? [] : maskedPaths,
    readonlyPaths: isolation.privileged ? [] : readonlyPaths,
  };
}

// Whoever can make a device can open it, where nothing refuses that; in a user namespace nobody can make one.
function grantable({ isolation, idRange }: ContainerPlan, machine: MachineFacts): readonly string[] {
  if (machine.devicesRefused || isolation.privileged || idRange) return machine.capabilities;
  return machine.capabilities.filter((name) => name !== "MKNOD");
}

/** `linux.seccomp` of this container; undefined when it has none. */
export function seccompSection(plan: ContainerPlan, machine: MachineFacts): OciSeccomp | undefined {
  const { isolation, identity, seccomp } = plan;
  if (isolation.privileged || seccomp === "unconfined") return undefined;
  if (seccomp) return seccomp;
  const held = capabilities(isolation, identity.uid, grantable(plan, machine)).bounding;
  return defaultSeccomp(
    held.map((name) => name.replace(/^CAP_/, "")),
    machine.architecture,
  );
}

// Limits are written as the numbers that they are, though JavaScript cannot hold the largest.
function textOf(value: object): string {
  return JSON.stringify(value).replaceAll(/"(soft|hard)":"(\d{1,20})"/g, '"$1":$2');
}
