import fc from "fast-check";
import { expect, test } from "vitest";
import { Places } from "./places.ts";

const of = (...owners: string[]) => new Set(owners);

function drain(places: Places): number[] {
  const begun: number[] = [];
  for (let ticket = places.next(); ticket !== undefined; ticket = places.next()) begun.push(ticket);
  return begun;
}

test("one owner leaves a quarter of the places to others, who begin at once", () => {
  const places = new Places(4);
  for (let ticket = 1; ticket <= 9; ticket++) places.ask(ticket, of("hog"));
  expect(drain(places)).toEqual([1, 2, 3]);
  places.ask(10, of("neighbour"));
  expect(drain(places)).toEqual([10]);
});

test("a place that is given back goes to the owner with the fewest, and then to whoever came first", () => {
  const places = new Places(4);
  for (const ticket of [1, 2, 3, 4]) places.ask(ticket, of("hog"));
  for (const ticket of [5, 6]) places.ask(ticket, of("neighbour"));
  places.ask(7, of("third"));
  expect(drain(places)).toEqual([1, 5, 7]);
  places.leave(1);
  expect(drain(places)).toEqual([2]);
  places.leave(7);
  expect(drain(places)).toEqual([3]);
  places.leave(2);
  places.leave(3);
  expect(drain(places)).toEqual([4, 6]);
});

test("whoever asks again waits behind those of its owner that waited before", () => {
  const places = new Places(1);
  places.ask(1, of("a"));
  places.ask(2, of("a"));
  expect(drain(places)).toEqual([1]);
  places.leave(1);
  places.ask(1, of("a"));
  expect(drain(places)).toEqual([2]);
});

test("what several wait for begins by the share of the one who has least", () => {
  const places = new Places(4);
  for (const ticket of [1, 2, 3]) places.ask(ticket, of("hog"));
  drain(places);
  const both = of("hog");
  places.ask(4, both);
  expect(drain(places)).toEqual([]);
  both.add("neighbour");
  expect(drain(places)).toEqual([4]);
  expect([places.heldBy("hog"), places.heldBy("neighbour")]).toEqual([3, 1]);
});

const owners = ["a", "b", "c", "d"];
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ask: fc.constantFrom(...owners) }) },
  { weight: 2, arbitrary: fc.record({ leave: fc.nat() }) },
);

/** What a row of steps leads to, with the books that anybody would keep beside it. */
function play(count: number, steps: readonly ({ ask: string } | { leave: number })[], look: (table: Table) => void) {
  const table: Table = { places: new Places(count), begun: new Map(), waiting: new Map() };
  let last = 0;
  for (const one of steps) {
    if ("ask" in one) {
      table.waiting.set(++last, one.ask);
      table.places.ask(last, of(one.ask));
    } else {
      const all = [...table.begun.keys(), ...table.waiting.keys()];
      const ticket = all[one.leave % Math.max(all.length, 1)];
      if (ticket === undefined) continue;
      table.places.leave(ticket);
      table.begun.delete(ticket);
      table.waiting.delete(ticket);
    }
    for (const ticket of drain(table.places)) {
      table.begun.set(ticket, table.waiting.get(ticket)!);
      table.waiting.delete(ticket);
    }
    look(table);
  }
}

interface Table {
  readonly places: Places;
  readonly begun: Map<number, string>;
  readonly waiting: Map<number, string>;
}

const held = ({ begun }: Table, owner: string) => [...begun.values()].filter((one) => one === owner).length;
const runs = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 60 }));

test("never more begin than there are places, and no owner ever has all of them when there are several", () => {
  fc.assert(
    fc.property(runs, ([count, steps]) =>
      play(count, steps, (table) => {
        expect(table.begun.size).toBeLessThanOrEqual(count);
        const most = Math.max(1, count - Math.ceil(count / 4));
        for (const owner of owners) expect(held(table, owner)).toBeLessThanOrEqual(most);
      }),
    ),
  );
});

test("whoever has nothing waits only when no place is free, and nobody waits for a place that is not kept for others", () => {
  fc.assert(
    fc.property(runs, ([count, steps]) =>
      play(count, steps, (table) => {
        const free = count - table.begun.size;
        for (const owner of table.waiting.values())
          expect(free).toBeLessThanOrEqual(held(table, owner) === 0 ? 0 : Math.ceil(count / 4));
      }),
    ),
  );
});

test("all that wait begin in the end, when those that have begun leave", () => {
  fc.assert(
    fc.property(runs, ([count, steps]) => {
      let table: Table | undefined;
      play(count, steps, (one) => (table = one));
      if (table === undefined) return;
      const { places, begun, waiting } = table;
      while (begun.size > 0) {
        const [oldest] = begun.keys();
        places.leave(oldest!);
        begun.delete(oldest!);
        for (const ticket of drain(places)) {
          begun.set(ticket, waiting.get(ticket)!);
          waiting.delete(ticket);
        }
      }
      expect(waiting.size).toBe(0);
    }),
  );
});
