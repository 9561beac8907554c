import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

const never = new AbortController().signal;

test("so many at a time, the others in order", async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  const ends: (() => void)[] = [];
  const all = [1, 2, 3, 4].map((n) =>
    slots.use(never, () => {
      order.push(n);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  expect(order).toEqual([1, 2]);
  ends[1]!();
  await all[1];
  expect(order).toEqual([1, 2, 3]);
  ends[0]!();
  await all[0];
  expect(order).toEqual([1, 2, 3, 4]);
  for (const end of ends) end();
  await Promise.all(all);
});

test("whoever gives up while it waits leaves at once, and those behind it move up", async () => {
  const slots = new Slots(1);
  const first = Promise.withResolvers<void>();
  const held = slots.use(never, () => first.promise);
  const gone = new AbortController();
  const second = slots.use(gone.signal, async () => "second");
  const third = slots.use(never, async () => "third");
  gone.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  first.resolve();
  expect(await third).toBe("third");
  await held;
});
