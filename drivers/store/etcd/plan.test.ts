import fc from "fast-check";
import { expect, test } from "vitest";
import { Layout } from "./layout.ts";
import { encodeTransaction, type Operation } from "./messages.ts";
import { type Bounds, planCommit } from "./plan.ts";
import { cut, fits, readStored } from "./record.ts";

const layout = new Layout("f");
const bounds: Bounds = { inlineUnits: 40, pieceUnits: 16, requestBytes: 400, operations: 8 };

/** etcd as far as a plan needs it: a map, and deletes of ranges. */
function carryOut(keys: Map<string, string>, operations: readonly Operation[]): void {
  for (const operation of operations) {
    if ("put" in operation) keys.set(operation.put.key, operation.put.value);
    if ("all" in operation) carryOut(keys, operation.all);
    if ("delete" in operation) {
      const { key, end } = operation.delete;
      for (const one of [...keys.keys()])
        if (end === undefined ? one === key : one >= key && one < end) keys.delete(one);
    }
  }
}

function recordsIn(keys: ReadonlyMap<string, string>): Map<string, string> {
  const records = new Map<string, string>();
  for (const [at, value] of keys) {
    if (!at.startsWith(layout.record(""))) continue;
    const stored = readStored(value)!;
    const pieces =
      "text" in stored
        ? [stored.text]
        : Array.from({ length: stored.pieces }, (_, i) => keys.get(layout.piece(stored.name, i))!);
    expect(fits(layout.keyOf(at), pieces.join(""), value)).toBe(true);
    records.set(layout.keyOf(at), pieces.join(""));
  }
  return records;
}

const key = fc.constantFrom("a", "b", "c", "d", "é", "😀");
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: fc.constantFrom("x", "é", "😀"), maxLength: 120 }),
);
const change = fc.tuple(fc.dictionary(key, text), fc.array(key)).map(([puts, deletes]) => ({
  puts: new Map(Object.entries(puts)),
  deletes: new Set(deletes.filter((one) => !(one in puts))),
}));

test("plans carried out one after the other leave what a map holds, and no piece that nobody needs", () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const [keys, named, model] = [new Map<string, string>(), new Map<string, string>(), new Map<string, string>()];
      let names = 0;
      for (const one of changes) {
        const plan = planCommit(one, named, layout, () => `n${names++}`, bounds);
        for (const before of plan.before) {
          carryOut(keys, before);
          expect(recordsIn(keys), "nothing is seen before").toEqual(model);
        }
        carryOut(keys, plan.together);
        for (const [at, value] of one.puts) model.set(at, value);
        for (const at of one.deletes) model.delete(at);
        for (const [at, name] of plan.names) name === undefined ? named.delete(at) : named.set(at, name);
        expect(recordsIn(keys)).toEqual(model);
        const pieces = [...keys.keys()].filter((at) => !at.startsWith(layout.record("")));
        const needed = [...named].flatMap(([at, name]) => (model.get(at) === "" ? [] : [name]));
        expect(new Set(pieces.map((at) => layout.nameOf(at)))).toEqual(new Set(needed));
      }
    }),
  );
});

test("no transaction has more operations on a level, or more bytes, than its bounds say", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 3 }), text, { maxKeys: 40 }), (records) => {
      const small = { ...bounds, requestBytes: 8_000 };
      const plan = planCommit(
        { puts: new Map(Object.entries(records)), deletes: new Set() },
        new Map(),
        layout,
        () => "name",
        small,
      );
      for (const does of [...plan.before, plan.together]) {
        expect(encodeTransaction({ when: [], does }).length).toBeLessThanOrEqual(small.requestBytes);
        for (const level of [does, ...does.flatMap((one) => ("all" in one ? [one.all] : []))])
          expect(level.length).toBeLessThanOrEqual(small.operations);
      }
    }),
  );
});

test("the largest records go out apart until the rest fits", () => {
  const puts = new Map([
    ["small", "x"],
    ["larger", "y".repeat(30)],
    ["large", "z".repeat(39)],
  ]);
  const plan = planCommit({ puts, deletes: new Set() }, new Map(), layout, () => "n", { ...bounds, requestBytes: 360 });
  expect([...plan.names.keys()]).toEqual(["large"]);
});

test("a text is cut into pieces that are texts themselves, and none of them is longer than is said", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "é", "😀") }),
      fc.integer({ min: 1, max: 9 }),
      (whole, units) => {
        const pieces = cut(whole, units);
        expect(pieces.join("")).toBe(whole);
        for (const piece of pieces) {
          expect(piece.isWellFormed()).toBe(true);
          expect(piece.length).toBeLessThanOrEqual(units + 1);
        }
      },
    ),
  );
});
