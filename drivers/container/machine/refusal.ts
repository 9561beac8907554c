import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { guestMemoryMiB, leastMemoryMiB } from "./command.ts";

/** Why this cannot be a virtual machine, as a sentence that names what is asked for; undefined when it can. `ip`: where ports listen. */
export function machineProblem({ isolation, rlimits, inside, limits }: ContainerSpec, ip: string): string | undefined {
  if (inside !== undefined)
    return "nothing can be started in a virtual machine from outside: its image starts what runs in it";
  const memoryMiB = guestMemoryMiB(limits ?? {});
  if (memoryMiB < guestMemoryMiB({ memoryBytes: leastMemoryMiB * 1024 * 1024 }))
    return `a virtual machine needs at least ${leastMemoryMiB} MB of memory`;
  const what = rlimits?.length ? "rlimits" : isolation && strangeWish(isolation);
  if (what !== undefined) return `a virtual machine cannot have ${what}: it shares nothing with this one but ports`;
  return isolation && networkProblem(isolation, ip);
}

// What is a matter of the guest's own kernel, or would need a way into it.
function strangeWish(isolation: Isolation): string | undefined {
  const { mounts, privileged, capabilities, seccomp, pidNamespace, ipc, devices, readOnlyRoot } = isolation;
  if (mounts.length > 0) return `volumes (${mounts[0]!.inside})`;
  if (privileged) return "a privileged container's rights";
  if (capabilities) return "capabilities";
  if (seccomp) return "a seccomp profile";
  if (pidNamespace !== "own") return "process ids in common with others";
  if (ipc?.mode === "agent" || ipc?.shmMiB !== undefined) return "shared memory";
  if (devices?.length) return `the device ${devices[0]!.path}`;
  return readOnlyRoot ? "a read-only root" : undefined;
}

function networkProblem({ network }: Isolation, ip: string): string | undefined {
  if (network.kind === "host") return undefined;
  if (network.networks.some(({ addresses }) => addresses.length > 0))
    return "a virtual machine cannot have an address of its own: map ports to it";
  const ports = network.networks.flatMap(({ portMappings }) => portMappings);
  if (ports.length > 0 && ip.includes(":"))
    return `ports of a virtual machine cannot listen on ${ip}, as the emulator knows IPv4 only: start the agent with an --ip of that`;
  return undefined;
}
