import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Programs } from "../../launch/programs.ts";

export type Accelerator = "kvm" | "tcg";

const patienceMs = 3_000;
const answer = 0x10;

/**
 * "kvm" when the processor has it and a guest of a few bytes gets through under it, else "tcg" (emulation). The device alone says nothing:
 * inside some virtual machines it is there and opens, runs those few bytes, and hangs in the first kernel.
 */
export async function findAccelerator(programs: Programs, qemu: string): Promise<Accelerator> {
  if (!(await hasHardware())) return "tcg";
  const folder = await mkdtemp(join(tmpdir(), "meseta-kvm-"));
  try {
    const firmware = join(folder, "firmware");
    await writeFile(firmware, tinyFirmware());
    const { waitStatus } = await programs.run({ file: qemu, arguments: tinyGuest(firmware), timeoutMs: patienceMs });
    return waitStatus === ((answer * 2 + 1) & 0xff) << 8 ? "kvm" : "tcg";
  } catch {
    return "tcg";
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function hasHardware(): Promise<boolean> {
  return /^flags\s*:.* (vmx|svm)( |$)/m.test(await readFile("/proc/cpuinfo", "utf8"));
}

function tinyGuest(firmware: string): string[] {
  const machine = [
    "-nodefaults",
    "-no-user-config",
    "-display",
    "none",
    "-machine",
    "pc",
    "-accel",
    "kvm",
    "-m",
    "16M",
  ];
  return [...machine, "-bios", firmware, "-device", "isa-debug-exit,iobase=0x501,iosize=0x2"];
}

// 64 KiB that end in the processor's first instructions (at the reset vector): mov dx,0x501; mov al,answer; out dx,al; hlt.
function tinyFirmware(): Uint8Array {
  const rom = new Uint8Array(65_536);
  rom.set([0xba, 0x01, 0x05, 0xb0, answer, 0xee, 0xf4], rom.length - 16);
  return rom;
}
