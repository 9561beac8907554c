import type { PortMapping } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerCommand, ContainerLimits } from "@meseta/kernel/core/agent/ports.ts";
import type { Accelerator } from "./accelerator.ts";
import type { MachineFiles } from "./files.ts";

/** What a virtual machine is made of. */
export interface MachineWish {
  readonly files: MachineFiles;
  /** Added to the kernel's command line. */
  readonly cmdline: string | undefined;
  readonly accelerator: Accelerator;
  readonly limits: ContainerLimits;
  /** Its text is given to the guest's init as arguments. */
  readonly command: ContainerCommand;
  /** Undefined: the guest may reach what the agent's machine may reach. Else nothing goes out, and only these ports come in. */
  readonly ports: readonly PortMapping[] | undefined;
  /** The address on which mapped ports listen. */
  readonly ip: string;
}

const mebibyte = 1024 * 1024;
/** What the emulator itself needs of the memory that the task has: its own, and the code that it translates without KVM. */
const emulatorMiB = 96;
const leastGuestMiB = 64;
/** The least memory in MiB that a task with a virtual machine has. */
export const leastMemoryMiB = leastGuestMiB + emulatorMiB;
const presetMiB = 256;
const mostProcessors = 255;

/** Guest memory in MiB: what the task has without what the emulator needs. */
export function guestMemoryMiB({ memoryBytes = presetMiB * mebibyte }: ContainerLimits): number {
  return Math.floor(memoryBytes / mebibyte) - emulatorMiB;
}

/**
 * The arguments of qemu-system (its manual page), run in the machine's folder: serial port on stdout, the control socket `qmp` for a power
 * button, disks that forget what is written to them, no devices but those named.
 */
export function qemuArguments({ files, cmdline, accelerator, limits, command, ports, ip }: MachineWish): string[] {
  const processors = Math.min(mostProcessors, Math.max(1, Math.ceil(limits.cpus ?? 1)));
  return [
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...["-machine", "pc", "-accel", accelerator === "kvm" ? "kvm" : "tcg,tb-size=48"],
    ...["-m", `${guestMemoryMiB(limits)}M`, "-smp", String(processors)],
    ...["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ...["-qmp", "unix:qmp,server=on,wait=off"],
    // A guest whose kernel panics has failed; one that switches itself off has finished.
    ...["-device", "pvpanic", "-action", "panic=exit-failure"],
    ...diskArguments(files),
    // An emulated processor that others keep waiting seems to have no timer, and a kernel that looks for one may give up.
    ...kernelArguments(files, [accelerator === "tcg" && "no_timer_check", cmdline], command),
    ...networkArguments(ports, ip),
  ];
}

// The format is said and never guessed, and a disk has no other file behind it: an image cannot name a file of the machine as its base.
function diskArguments({ disk }: MachineFiles): string[] {
  if (disk === undefined) return [];
  const file = { driver: "file", filename: disk.path, "read-only": true };
  const base = disk.format === "qcow2" ? { driver: "qcow2", file, backing: null } : { driver: "raw", file };
  const blockdev = JSON.stringify({ ...base, "node-name": "base", "read-only": true });
  const overlay = JSON.stringify({
    driver: "qcow2",
    "node-name": "disk",
    file: { driver: "file", filename: "overlay" },
    backing: "base",
  });
  return ["-blockdev", blockdev, "-blockdev", overlay, "-device", "virtio-blk-pci,drive=disk"];
}

function kernelArguments(
  { kernel, initrd }: MachineFiles,
  settings: readonly (string | false | undefined)[],
  command: ContainerCommand,
): string[] {
  if (kernel === undefined) return [];
  const words = textOf(command);
  const append = ["console=ttyS0", ...settings, words && `-- ${words}`].filter(Boolean).join(" ");
  return ["-kernel", kernel, ...(initrd === undefined ? [] : ["-initrd", initrd]), "-append", append];
}

function networkArguments(ports: readonly PortMapping[] | undefined, ip: string): string[] {
  const forwards = (ports ?? []).map(
    ({ protocol, hostPort, containerPort }) => `hostfwd=${protocol}:${ip}:${hostPort}-:${containerPort}`,
  );
  const user = ["user", "id=net", ...(ports === undefined ? [] : ["restrict=on"]), ...forwards].join(",");
  return ["-netdev", user, "-device", "virtio-net-pci,netdev=net,romfile="];
}

function textOf(command: ContainerCommand): string {
  if ("shell" in command) return command.shell;
  return ("file" in command ? command.argv : command.entrypoint).join(" ");
}
