import { expect, it } from "vitest";
import { Lasting } from "./lasting.ts";

it("counts for how long something has been of the same thing", () => {
  const lasting = new Lasting();
  const [one, other] = [{}, {}];
  const asked = [one, one, other, other, undefined, other].map((of, second) => lasting.ms("it", of, second * 1000));
  expect(asked).toEqual([0, 1000, 0, 1000, 0, 0]);
});

it("is a violation once it is longer than its bound", () => {
  const lasting = new Lasting();
  const look = (nowMs: number) => lasting.check("it", lasting, nowMs, 2000, () => "it goes on");
  for (const nowMs of [0, 1000, 2000]) look(nowMs);
  expect(() => look(2001)).toThrow("rest: for 2001 ms it goes on");
  lasting.forget();
  look(3000);
});
