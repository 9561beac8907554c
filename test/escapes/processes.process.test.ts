import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gone } from "@meseta/drivers/container/room.ts";
import type { ContainerMount } from "@meseta/kernel/core/agent/isolation.ts";
import {
  addProgram,
  describeAttempts,
  type Evidence,
  isolated,
  perlText,
  withCapability,
  withMachinesProcesses,
} from "./escapes.rig.ts";

const toldSecret = ({ said, secret }: Evidence) => said.includes(secret);
const done = ({ said }: Evidence) => /^error 0$/m.test(said);
const binary = readFileSync("/bin/busybox");

describeAttempts([
  {
    name: "kills a process of the machine",
    shell: ({ neighbour }) => `kill -9 ${neighbour}`,
    weak: isolated({ pidNamespace: "agent" }),
    achieved: async ({ neighbour, neighbourLives, weak }) => {
      if (weak) await gone(neighbour);
      return weak || !neighbourLives;
    },
  },
  {
    name: "reads what the environments of the agent and of its neighbours hold",
    shell: () => "env; cat /proc/[0-9]*/environ",
    weak: withMachinesProcesses,
    achieved: toldSecret,
  },
  {
    name: "looks through the root of a process of the machine",
    shell: ({ neighbour, dir }) => `for one in 1 ${neighbour}; do cat /proc/$one/root/${dir}/secret; done`,
    weak: withMachinesProcesses,
    achieved: toldSecret,
  },
  {
    name: "enters the namespaces of a process of the machine (setns)",
    perl: ({ neighbour, dir }) => `for my $one (1, ${neighbour}) { open(my $space, '<', "/proc/$one/ns/mnt") || next;
        call('setns', fileno($space), 0) == 0 && print read_file('${dir}/secret') }`,
    weak: withMachinesProcesses,
    achieved: toldSecret,
  },
  {
    name: "takes a process of the machine over (ptrace)",
    perl: ({ neighbour }) => `print "error ", call('ptrace', 16, ${neighbour}, 0, 0), "\\n"`,
    weak: withMachinesProcesses,
    achieved: done,
  },
  {
    name: "takes an open file from a process of the machine (pidfd_getfd)",
    perl: ({ neighbour }) =>
      `call('pidfd_open', ${neighbour}, 0); print "error ", call('pidfd_getfd', $got, 0, 0), "\\n"`,
    weak: withMachinesProcesses,
    achieved: done,
  },
  {
    name: "reads the shared memory of the machine",
    shell: ({ id }) => `cat /dev/shm/${id}`,
    prepare: ({ id, secret }) => {
      writeFileSync(`/dev/shm/${id}`, secret, { mode: 0o600 });
      return () => execFileSync("rm", [`/dev/shm/${id}`]);
    },
    weak: isolated({ ipc: { mode: "agent" } }),
    achieved: toldSecret,
  },
  {
    name: "goes before all others on the processor",
    perl: () => "setpriority(0, 0, -20); print 'nice ', getpriority(0, 0)",
    weak: withCapability("SYS_NICE"),
    achieved: ({ said }) => said.includes("nice -20"),
  },
  {
    name: "becomes root by a program of its image that has the setuid bit",
    shell: () => "/usr/bin/id -u",
    prepare: ({ layer }) => {
      addProgram(layer, "/usr/bin/id");
      chmodSync(join(layer, "usr/bin/id"), 0o4755);
    },
    wish: asAlice,
    weak: isolated({ privileged: true }),
    achieved: ({ said }) => /^0$/m.test(said),
  },
  {
    name: "gets a right that a program of its image has as an attribute",
    perl: () =>
      `exec '/usr/bin/chown', '0', '/sandbox/mine' unless fork; wait; print 'owner ', (stat '/sandbox/mine')[4]`,
    prepare: ({ layer, sandbox }) => {
      writeFileSync(join(sandbox, "mine"), "");
      execFileSync("chown", ["-R", "1000:1001", sandbox]);
      addProgram(layer, "/usr/bin/chown");
      mayChown(join(layer, "usr/bin/chown"));
    },
    wish: asAlice,
    weak: isolated({ privileged: true }),
    achieved: ({ said }) => said.includes("owner 0"),
  },
  {
    name: "uses files that the agent, the launcher or the runtime left open",
    shell: () => 'for one in /proc/self/fd/*; do cat "$one/secret"; done',
    weak: {
      runtime: "crun",
      shell: () => 'for one in /proc/self/fd/*; do cat "$one/secret"; done',
      before: 'exec 9<"$1/.."',
      flags: ["--preserve-fds", "7"],
    },
    achieved: toldSecret,
  },
  {
    name: "writes to the program that made it, by way of /proc (CVE-2019-5736, CVE-2019-0204)",
    perl: () => `my $running = fork; $running or exec '/helper/busybox', 'sleep', 1000;
        select undef, undef, undef, 0.01 until (readlink("/proc/$running/exe") // '') eq '/helper/busybox';
        open my $held, '<', "/proc/$running/exe"; kill 9, $running; waitpid $running, 0;
        print write_file('/proc/self/fd/' . fileno $held, 'overwritten')`,
    prepare: ({ dir }) => {
      copyFileSync("/bin/busybox", join(dir, "busybox"));
      chmodSync(dir, 0o755);
    },
    wish: (spec, { dir }) => isolated({ mounts: [helperOf(dir, true)] })(spec),
    weak: (spec, { dir }) => isolated({ mounts: [helperOf(dir, false)] })(spec),
    achieved: ({ dir }) => !readFileSync(join(dir, "busybox")).equals(binary),
  },
]);

function asAlice<T extends object>(spec: T): T & { user: string } {
  return { ...spec, user: "alice" };
}

function helperOf(dir: string, readOnly: boolean): ContainerMount {
  return { kind: "path", host: dir, inside: "/helper", readOnly };
}

// CAP_CHOWN, as the second version of the attribute has it.
function mayChown(path: string): void {
  const text = `my $right = pack 'L5', 0x02000001, 1, 0, 0, 0;
    call('setxattr', my $path = '${path}', my $name = 'security.capability', $right, length $right, 0) == 0 or die $!`;
  execFileSync("perl", ["-e", perlText(text)]);
}
