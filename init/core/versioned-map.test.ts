import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedKeys, VersionedMap } from "./versioned-map.ts";

const key = fc.constantFrom("a", "b", "c", "d", "e");
const changes = fc.array(fc.tuple(key, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 4 });
/** Which of the maps so far is edited, and how. */
const edits = fc.array(fc.tuple(fc.nat(), changes), { maxLength: 12 });

function grow(list: readonly (readonly [number, (readonly [string, number | undefined])[]])[]) {
  const maps = [VersionedMap.of(new Map([["a", 1]]))];
  const models = [new Map([["a", 1]])];
  for (const [which, some] of list) {
    const from = which % maps.length;
    maps.push(maps[from]!.edit(new Map(some)));
    const model = new Map(models[from]);
    for (const [id, value] of new Map(some))
      if (value === undefined) model.delete(id);
      else model.set(id, value);
    models.push(model);
  }
  return { maps, models };
}

describe("a versioned map", () => {
  it("is what a copy would be, and stays it, whichever is edited", () => {
    fc.assert(
      fc.property(edits, fc.boolean(), (list, isReadFirst) => {
        const { maps, models } = grow(list);
        for (const [i, map] of maps.entries()) {
          const model = models[i]!;
          if (isReadFirst) for (const id of "abcdef") expect(map.get(id)).toBe(model.get(id));
          expect([...map]).toEqual([...model]);
          expect([map.size, [...map.keys()], [...map.values()]]).toEqual([
            model.size,
            [...model.keys()],
            [...model.values()],
          ]);
          for (const id of "abcdef") expect([map.get(id), map.has(id)]).toEqual([model.get(id), model.has(id)]);
        }
      }),
    );
  });

  it("tells in what two differ, of one line or not", () => {
    fc.assert(
      fc.property(edits, fc.nat(), fc.nat(), (list, one, other) => {
        const { maps, models } = grow(list);
        const [i, j] = [one % maps.length, other % maps.length];
        const differing = [..."abcdef"].filter((id) => models[i]!.get(id) !== models[j]!.get(id));
        expect(changedKeys(maps[i]!, maps[j]!).sort()).toEqual(differing);
        expect(changedKeys(models[i]!, maps[j]!).sort()).toEqual(differing);
      }),
    );
  });

  it("is not edited by who goes through it", () => {
    const map = VersionedMap.of(
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
    );
    expect(() => {
      for (const id of map.keys()) map.edit(new Map([[id, 9]]));
    }).toThrow("edited by who still went through it");
  });

  it("of which nothing is changed is itself", () => {
    const map = VersionedMap.of(new Map([["a", 1]]));
    expect(map.edit(new Map())).toBe(map);
    expect(VersionedMap.of(map)).toBe(map);
  });
});
