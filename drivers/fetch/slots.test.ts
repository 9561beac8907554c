import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

const never = new AbortController().signal;
const [a, b] = [new Set(["a"]), new Set(["b"])];

test("so many at a time, the others in order", async () => {
  const slots = new Slots(1);
  const order: number[] = [];
  const ends: (() => void)[] = [];
  const all = [1, 2, 3].map((n) =>
    slots.use(a, never, () => {
      order.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  for (const n of [1, 2, 3]) {
    await expect.poll(() => order).toHaveLength(n);
    ends[n - 1]!();
    await all[n - 1];
  }
  expect(order).toEqual([1, 2, 3]);
});

test("whoever gives up while it waits leaves at once, and those behind it move up", async () => {
  const slots = new Slots(1);
  const first = Promise.withResolvers<void>();
  const held = slots.use(a, never, () => first.promise);
  const gone = new AbortController();
  const second = slots.use(a, gone.signal, async () => "second");
  const third = slots.use(a, never, async () => "third");
  gone.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  first.resolve();
  expect(await third).toBe("third");
  await held;
});

test("one who gives up after its turn came and before it began gives its place back", async () => {
  const slots = new Slots(1);
  const gone = new AbortController();
  const begun = slots.use(a, gone.signal, async () => "begun");
  gone.abort(new Error("gone"));
  expect(await begun).toBe("begun");
  expect(await slots.use(b, never, async () => "next")).toBe("next");
});

test("a neighbour begins while another owner wants all places for ever", async () => {
  const slots = new Slots(2);
  for (let i = 0; i < 10; i++) void slots.use(a, never, () => new Promise(() => {}));
  expect(await slots.use(b, never, async () => "neighbour")).toBe("neighbour");
});

test("what waits for one owner begins for another who joins it", async () => {
  const slots = new Slots(2);
  for (let i = 0; i < 10; i++) void slots.use(a, never, () => new Promise(() => {}));
  const both = new Set(a);
  const done = slots.use(both, never, async () => "done");
  both.add("b");
  slots.look();
  expect(await done).toBe("done");
});
