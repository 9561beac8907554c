import { execFileSync } from "node:child_process";
import { statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import {
  type Attempt,
  describeAttempts,
  type Evidence,
  isolated,
  privileged,
  type Scene,
  withCapability,
  withoutFilter,
} from "./escapes.rig.ts";

const wrote = ({ said }: Evidence) => said.includes("written");

/** Asks the kernel for something; all that is not "not permitted" is another answer than the container may have. */
function asks(name: string, ask: string, weak: Attempt["weak"]): Attempt {
  return {
    name,
    perl: () => `print "\\nerror ", ${ask}, "\\n";`,
    weak,
    achieved: ({ said }) => /^error (?!1$)\d+$/m.test(said),
  };
}

// What is written is what was there before, or asks for a page of help: the weak set-up must not harm the machine.
describeAttempts([
  {
    name: "has a program of its own run by root of the machine when something crashes (core_pattern)",
    perl: () =>
      "my $is = read_file('/proc/sys/kernel/core_pattern'); print write_file('/proc/sys/kernel/core_pattern', $is)",
    weak: privileged,
    achieved: wrote,
  },
  {
    name: "orders the machine about by the magic key (sysrq-trigger), or its interrupts to another processor",
    perl: () => `my ($key, $irq) = ('/proc/sysrq-trigger', '/proc/irq/default_smp_affinity');
      print -e $key ? write_file($key, 'h') : write_file($irq, read_file($irq))`,
    weak: privileged,
    achieved: wrote,
  },
  {
    name: "changes a setting below /sys (the way of uevent_helper)",
    perl: () => "my $is = read_file('/sys/kernel/mm/ksm/run'); print write_file('/sys/kernel/mm/ksm/run', $is)",
    weak: privileged,
    achieved: wrote,
  },
  {
    name: "learns from the kernel's counters when others press keys (/proc/interrupts)",
    perl: () => "print 'interrupts: ', length read_file('/proc/interrupts')",
    weak: privileged,
    achieved: ({ said }) => /interrupts: [1-9]/.test(said),
  },
  {
    name: "reads a disk of the machine by a device that it makes",
    perl: ({ dir }) => `call('mknodat', -100, my $path = '/dev/attempt', 060600, ${numberOf(join(dir, "disk"))});
      open my $disk, '<', '/dev/attempt'; sysread $disk, my $sector, 512; print $sector`,
    prepare: diskWithSecret,
    weak: (spec, { dir }) => withDevice(spec, join(dir, "disk"), "MKNOD"),
    achieved: ({ said, secret }) => said.includes(secret),
  },
  {
    name: "listens to what the kernel tells (/dev/kmsg)",
    perl: () => `call('mknodat', -100, my $path = '/dev/attempt', 020600, 1 << 8 | 11);
      open my $log, '<', '/dev/attempt'; sysread $log, my $line, 8192; print 'read: ', length $line`,
    weak: (spec) => withDevice(spec, "/dev/kmsg", "MKNOD", "SYSLOG"),
    achieved: ({ said }) => /read: [1-9]/.test(said),
  },
  asks("reads the kernel's log (syslog)", "call('syslog', 3, my $buffer = ' ' x 4096, 4096)", withCapability("SYSLOG")),
  asks(
    "loads a module into the kernel",
    "call('init_module', my $code = '', 0, my $words = '')",
    withCapability("SYS_MODULE"),
  ),
  asks("gives the machine a swap file", "call('swapon', my $path = '/bin/busybox', 0)", withCapability("SYS_ADMIN")),
  asks(
    "runs a program within the kernel (bpf, CVE-2020-8835)",
    "call('bpf', 0, my $map = pack('L4 x112', 2, 4, 4, 1), 128)",
    withCapability("BPF", "SYS_ADMIN"),
  ),
  asks(
    "watches all that the machine does (perf_event_open)",
    "call('perf_event_open', my $event = pack('L2 x104', 1, 112), -1, 0, -1, 0)",
    withCapability("PERFMON", "SYS_ADMIN"),
  ),
  asks("holds the kernel up at a fault of its own memory (userfaultfd)", "call('userfaultfd', 1)", withoutFilter),
  asks(
    "has the kernel work for it by rings (io_uring, CVE-2022-29582)",
    "call('io_uring_setup', 1, my $ring = pack('x120'))",
    withoutFilter,
  ),
  asks(
    "meets other containers of its user in a keyring",
    "call('add_key', my $type = 'user', my $name = 'meseta', my $key = 'secret', 6, -3)",
    withoutFilter,
  ),
]);

function withDevice(spec: ContainerSpec, path: string, ...rights: string[]): ContainerSpec {
  return isolated({ devices: [{ path, access: "rwm" }], capabilities: { effective: rights } })(spec);
}

// A file stands for it, as not every machine that tests run on has a disk that root can read.
function diskWithSecret({ dir, secret }: Scene): () => void {
  writeFileSync(join(dir, "blocks"), secret.padEnd(4096));
  const loop = execFileSync("losetup", ["--find", "--show", join(dir, "blocks")], { encoding: "utf8" }).trim();
  symlinkSync(loop, join(dir, "disk"));
  return () => execFileSync("losetup", ["--detach", loop]);
}

// As the kernel counts small ones.
function numberOf(path: string): number {
  return statSync(path).rdev;
}
