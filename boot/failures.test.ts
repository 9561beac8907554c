import { StoreInUse } from "@meseta/lib/core/ports/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { expect, it } from "vitest";
import { listenFailure } from "./failures.ts";

function problemOf(error: Error) {
  const failure = listenFailure(error, "master", 80);
  if (!(failure instanceof Failure)) throw failure;
  return failure.problem;
}

it("an address that is another machine's is told with those that this one has", () => {
  const error = Object.assign(new Error("listen EADDRNOTAVAIL"), { code: "EADDRNOTAVAIL", address: "192.0.2.1" });
  const { code, why } = problemOf(error);
  expect([code, why]).toEqual(["bad-setting", expect.stringMatching(/^"192\.0\.2\.1" is not .*127\.0\.0\.1/)]);
});

it("a port that only root may have is told as that", () => {
  const error = Object.assign(new Error("listen EACCES"), { code: "EACCES", address: "127.0.0.1" });
  expect(problemOf(error)).toMatchObject({ code: "bad-setting", why: expect.stringContaining('"80" is not a port') });
});

it("a store that another process has open is told by its path", () => {
  const { code, message } = problemOf(new StoreInUse("/var/lib/meseta/master/store.db"));
  expect([code, message]).toEqual(["store-in-use", "the store sqlite:/var/lib/meseta/master/store.db is in use"]);
});
