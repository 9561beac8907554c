import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";

/** `process.capabilities` of the runtime's configuration. */
export interface OciCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

/**
 * What root of a container needs to install software, to change users and to serve low ports. Docker's set without MKNOD (no devices
 * beside those given), NET_RAW (no forged packets to neighbours; `ping` works without) and AUDIT_WRITE (only login programs want it).
 */
const defaults = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
] as const;

/** All that Linux has, in the order of their numbers (capabilities(7)). */
export const allCapabilities = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

/**
 * The rights of a container's first process. `machine` are those that this machine can give, by Mesos' names. One set named without
 * the other is both. A user other than root keeps across exec only what was asked for by name (it becomes ambient).
 */
export function capabilities(
  isolation: Pick<Isolation, "privileged" | "capabilities">,
  uid: number,
  machine: readonly string[],
): OciCapabilities {
  const asked = isolation.capabilities;
  const effective = granted(asked?.effective ?? asked?.bounding, isolation.privileged === true, machine);
  const bounding = granted(asked?.bounding ?? asked?.effective, isolation.privileged === true, machine);
  const kept = asked && uid !== 0 ? effective : [];
  return { bounding, effective, permitted: effective, inheritable: kept, ambient: kept };
}

/** The asked-for names that no Linux has. */
export function unknownCapabilities({ capabilities: asked }: Pick<Isolation, "capabilities">): string[] {
  const all: readonly string[] = allCapabilities;
  return [...(asked?.effective ?? []), ...(asked?.bounding ?? [])].filter((name) => !all.includes(name));
}

function granted(asked: readonly string[] | undefined, privileged: boolean, machine: readonly string[]): string[] {
  const wanted = asked ?? (privileged ? machine : defaults);
  return wanted.filter((name) => machine.includes(name)).map((name) => `CAP_${name}`);
}
