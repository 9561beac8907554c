import { expect, test } from "vitest";
import { isForeignWrite } from "./origin.ts";

const HOST = { host: "127.0.0.1:8080" };
const isForeign = (headers: Record<string, string>, method = "POST", allowed: string[] = []) =>
  isForeignWrite({ method, headers: { ...HOST, ...headers } }, allowed);

test("a page of another site may change nothing, whatever it calls itself", () => {
  for (const origin of ["http://evil.example", "null", "http://127.0.0.1:8081", "http://127.0.0.1", "file://", "", "%"])
    expect([origin, isForeign({ origin })]).toEqual([origin, true]);
  expect(isForeign({ origin: "http://evil.example", "sec-fetch-site": "cross-site" }, "DELETE")).toBe(true);
  expect(isForeign({ origin: "http://evil.example" }, "GET")).toBe(false);
});

test("who names no origin is no page, and pages of this server and of the named origins may", () => {
  expect(isForeign({})).toBe(false);
  expect(isForeign({ origin: "http://127.0.0.1:8080" })).toBe(false);
  expect(isForeign({ origin: "http://init.example", host: "INIT.example:80" })).toBe(false);
  expect(isForeign({ origin: "https://init.example", "x-forwarded-host": "init.example" })).toBe(false);
  expect(isForeign({ origin: "https://init.example", "sec-fetch-site": "same-origin" })).toBe(false);
  expect(isForeign({ origin: "http://ui.example" }, "PUT", ["http://ui.example"])).toBe(false);
  expect(isForeign({ origin: "http://ui.example" }, "PUT", ["*"])).toBe(false);
});
