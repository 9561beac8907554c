import { describe, expect, test } from "vitest";
import { deviceFilter } from "./device-filter.ts";

const usual = ["c *:* m", "b *:* m", "c 1:3 rwm", "c 136:* rwm", "b 254:0 r"];
const [block, character] = [1, 2];
const [make, read, write] = [1, 2, 4];

describe("the program that says which devices may be used", () => {
  const asked = (access: number, kind: number, major: number, minor: number) =>
    run(deviceFilter(usual)!, [(access << 16) | kind, major, minor]);

  test("allows what a line names, with the accesses that it names, alone or together", () => {
    expect(asked(read | write, character, 1, 3)).toBe(1);
    expect(asked(write, character, 136, 77)).toBe(1);
    expect(asked(read, block, 254, 0)).toBe(1);
    expect(asked(make, block, 8, 0)).toBe(1);
  });

  test("allows nothing else", () => {
    expect(asked(read, character, 1, 1)).toBe(0);
    expect(asked(read, block, 1, 3)).toBe(0);
    expect(asked(read | write, block, 254, 0)).toBe(0);
    expect(asked(make | read, block, 8, 0)).toBe(0);
    expect(run(deviceFilter([])!, [(read << 16) | character, 1, 3])).toBe(0);
  });

  test("is none where everything is allowed, and a line that is none is refused", () => {
    expect(deviceFilter(["a *:* rwm"])).toBeUndefined();
    expect(() => deviceFilter(["c 1:3"])).toThrow("not a rule for devices: c 1:3");
  });
});

/** The few instructions that the programs are made of, carried out as the kernel does. */
function run(program: string, context: readonly number[]): number {
  const code = Buffer.from(program, "hex");
  const register = new Array<number>(11).fill(0);
  for (let at = 0; at < code.length; at += 8) {
    const [to, from] = [code[at + 1]! & 15, code[at + 1]! >> 4];
    const [skip, value] = [code.readInt16LE(at + 2), code.readInt32LE(at + 4)];
    if (code[at] === 0x61) register[to] = context[skip / 4]!;
    else if (code[at] === 0xbc) register[to] = register[from]!;
    else if (code[at] === 0x54) register[to]! &= value;
    else if (code[at] === 0x74) register[to]! >>>= value;
    else if (code[at] === 0xb7) register[to] = value;
    else if (code[at] === 0x55) at += register[to] === value ? 0 : skip * 8;
    else if (code[at] === 0x95) return register[0]!;
    else throw new Error(`instruction ${code[at]}`);
  }
  throw new Error("the program has no end");
}
