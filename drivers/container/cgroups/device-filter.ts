// cgroup v2 has no file for devices: a program in the kernel answers whether one may be opened or made (BPF_PROG_TYPE_CGROUP_DEVICE).

// Kernel, include/uapi/linux/bpf.h: the kinds and accesses of struct bpf_cgroup_dev_ctx { u32 access_type, major, minor }.
const kinds: Readonly<Record<string, number>> = { b: 1, c: 2 };
const accesses: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const all = 7;
const [context, access, kind, major, minor, rest] = [1, 2, 3, 4, 5, 6];

/**
 * The program that allows what these lines for devices.allow of v1 allow ("c 1:3 rwm", "b *:* m"), and nothing else: instructions as
 * hexadecimal digits. Undefined when a line allows everything. Throws on a line that is none.
 */
export function deviceFilter(lines: readonly string[]): string | undefined {
  const rules = lines.map(parse);
  if (rules.some((rule) => rule.kind === undefined)) return undefined;
  const parts = [...before, ...rules.map(allowing), ...answer(0)];
  return Buffer.concat(parts).toString("hex");
}

interface Rule {
  /** Undefined: all devices. */
  readonly kind: number | undefined;
  readonly major: number | undefined;
  readonly minor: number | undefined;
  readonly access: number;
}

function parse(line: string): Rule {
  const found = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]+)$/.exec(line);
  if (!found) throw new Error(`not a rule for devices: ${line}`);
  const [, type = "", first = "", second = "", letters = ""] = found;
  return {
    kind: kinds[type],
    major: first === "*" ? undefined : Number(first),
    minor: second === "*" ? undefined : Number(second),
    access: [...letters].reduce((bits, letter) => bits | accesses[letter]!, 0),
  };
}

// Kernel, Documentation/bpf/instruction-set: opcode, registers (source in the high half), offset, immediate.
function instruction(opcode: number, to: number, { from = 0, skip = 0, value = 0 } = {}): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(opcode, 0);
  bytes.writeUInt8(to | (from << 4), 1);
  bytes.writeInt16LE(skip, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}

const load = (to: number, at: number) => instruction(0x61, to, { from: context, skip: at });
const copy = (to: number, from: number) => instruction(0xbc, to, { from });
const and = (to: number, value: number) => instruction(0x54, to, { value });
const shiftRight = (to: number, value: number) => instruction(0x74, to, { value });
const answer = (value: number) => [instruction(0xb7, 0, { value }), instruction(0x95, 0)];

const before = [
  load(access, 0),
  copy(kind, access),
  and(kind, 0xffff),
  shiftRight(access, 16),
  load(major, 4),
  load(minor, 8),
];

// What does not fit goes on behind this rule's answer.
function allowing(rule: Rule): Buffer {
  const steps: ((skip: number) => Buffer)[] = [];
  const unless = (register: number, value: number) =>
    steps.push((skip) => instruction(0x55, register, { skip, value }));
  unless(kind, rule.kind!);
  if (rule.access !== all) {
    steps.push(
      () => copy(rest, access),
      () => and(rest, all & ~rule.access),
    );
    unless(rest, 0);
  }
  if (rule.major !== undefined) unless(major, rule.major);
  if (rule.minor !== undefined) unless(minor, rule.minor);
  const yes = answer(1);
  return Buffer.concat([...steps.map((step, at) => step(steps.length - at - 1 + yes.length)), ...yes]);
}
