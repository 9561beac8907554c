import { expect, it } from "vitest";
import { intervalOf } from "./settings.ts";

it("N/DURATION says how long each has", () => {
  const read = (text?: string) => intervalOf({ limit: text }, "limit");
  expect(read()).toBeUndefined();
  expect(read("1/10mins")).toBe(600_000);
  expect(read("5/1mins")).toBe(12_000);
  for (const bad of ["1", "0/1mins", "1/soon", "x/1mins", "1/2/3", "/1mins"]) expect(() => read(bad)).toThrow(/limit/);
});
