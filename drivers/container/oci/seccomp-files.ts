import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import { LaunchRefused } from "../kind.ts";
import type { MachineFacts } from "./config.ts";
import { capabilities } from "./isolators/capabilities.ts";
import type { OciSeccomp, OciSyscalls } from "./isolators/seccomp.ts";

/** A profile in Docker's form: as the runtime's, and each rule may be for some architectures or capabilities only. */
interface Profile {
  readonly defaultAction?: string;
  readonly defaultErrnoRet?: number;
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[];
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly Rule[];
}

interface Rule extends Omit<OciSyscalls, "names" | "args"> {
  readonly name?: string;
  readonly names?: readonly string[];
  readonly args?: OciSyscalls["args"] | null;
  readonly includes?: Filter;
  readonly excludes?: Filter;
}

interface Filter {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
}

const architectureNames: Readonly<Record<string, readonly [docker: string, seccomp: string]>> = {
  x64: ["amd64", "SCMP_ARCH_X86_64"],
  arm64: ["arm64", "SCMP_ARCH_AARCH64"],
  riscv64: ["riscv64", "SCMP_ARCH_RISCV64"],
};

/** The profile that the container asks for; undefined: the default one. Throws a LaunchRefused for one that is not there or cannot be read. */
export function seccompOf(
  isolation: Isolation,
  folder: string | undefined,
  machine: MachineFacts,
): OciSeccomp | "unconfined" | undefined {
  const { seccomp } = isolation;
  if (seccomp === undefined || seccomp === "unconfined") return seccomp;
  const profile = readProfile(seccomp.profile, folder);
  const held = capabilities(isolation, 0, machine.capabilities).bounding;
  return translated(profile, held, machine.architecture);
}

/** Docker's form as the runtime's, for a container with these capabilities ("CAP_…") on this architecture (Node's name). */
export function translated(profile: Profile, held: readonly string[], architecture: string): OciSeccomp {
  const [docker, own] = architectureNames[architecture] ?? ["", ""];
  const map = profile.archMap?.find((one) => one.architecture === own);
  const fits = (filter: Filter | undefined, all: boolean) => {
    const caps = filter?.caps ?? [];
    const arches = filter?.arches ?? [];
    const capsFit = all ? caps.every((cap) => held.includes(cap)) : caps.some((cap) => held.includes(cap));
    const archFits = all ? arches.length === 0 || arches.includes(docker) : arches.includes(docker);
    return all ? capsFit && archFits : capsFit || archFits;
  };
  const rules = (profile.syscalls ?? []).filter((rule) => fits(rule.includes, true) && !fits(rule.excludes, false));
  return {
    defaultAction: profile.defaultAction ?? "SCMP_ACT_ERRNO",
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: profile.architectures ?? (map ? [own, ...(map.subArchitectures ?? [])] : []),
    syscalls: rules.map((rule) => ({
      names: rule.names ?? (rule.name === undefined ? [] : [rule.name]),
      action: rule.action,
      ...(rule.errnoRet !== undefined && { errnoRet: rule.errnoRet }),
      ...(rule.args && rule.args.length > 0 && { args: rule.args }),
    })),
  };
}

function readProfile(name: string, folder: string | undefined): Profile {
  if (folder === undefined)
    throw new LaunchRefused(
      "spec",
      `there is no seccomp profile ${name}: this agent was started without --seccomp-config-dir`,
    );
  if (name.includes("/") || name.startsWith("."))
    throw new LaunchRefused("spec", `not the name of a seccomp profile: ${name}`);
  try {
    return JSON.parse(readFileSync(join(folder, name), "utf8")) as Profile;
  } catch (error) {
    throw new LaunchRefused("spec", `cannot read the seccomp profile ${name}: ${(error as Error).message}`);
  }
}
