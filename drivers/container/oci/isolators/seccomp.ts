import { defaultSyscalls, withCapability } from "./seccomp-profile.ts";

/** `linux.seccomp` of the runtime's configuration. */
export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly syscalls: readonly OciSyscalls[];
}

export interface OciSyscalls {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly OciArgument[];
}

interface OciArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

const EPERM = 1;
const ENOSYS = 38;
// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
const newNamespaces = 0x7e020000;

const architectures: Readonly<Record<string, readonly string[]>> = {
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
  riscv64: ["SCMP_ARCH_RISCV64"],
};

/**
 * The default profile for a container with these capabilities (Mesos' names): a list of what is allowed; all else fails with EPERM.
 * `architecture` is Node's name of it.
 */
export function defaultSeccomp(capabilities: readonly string[], architecture: string): OciSeccomp {
  const has = new Set(capabilities);
  const more = Object.entries(withCapability).flatMap(([name, calls]) => (has.has(name) ? calls : []));
  const namespaces: OciSyscalls[] = has.has("SYS_ADMIN")
    ? []
    : [
        { names: ["clone"], action: "SCMP_ACT_ALLOW", args: [noneOf(newNamespaces)] },
        // Its flags lie in memory, where a filter cannot look: libraries that hear this use clone.
        { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
      ];
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    architectures: architectures[architecture] ?? [],
    syscalls: [
      { names: [...defaultSyscalls, ...more], action: "SCMP_ACT_ALLOW" },
      ...personalities,
      { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: AF_VSOCK, op: "SCMP_CMP_NE" }] },
      ...namespaces,
    ],
  };
}

// A socket to the machine that this one is a guest of would leave every network of ours.
const AF_VSOCK = 40;

// The execution domains of Linux itself and of 32-bit programs, with and without a fixed address layout left alone.
const personalities: OciSyscalls[] = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff].map((value) => ({
  names: ["personality"],
  action: "SCMP_ACT_ALLOW",
  args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
}));

function noneOf(flags: number): OciArgument {
  return { index: 0, value: flags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" };
}
