import { createRandom } from "@meseta/lib/core/random.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLink, type Outcome, type Step } from "./link.ts";

const [a, b, c] = ["http://a:5050", "http://b:5050", "http://c:5050"];
const lost: Outcome = { type: "lost", why: "connection refused" };
const link = (addresses: string[], seed = 1) => createLink({ addresses, random: createRandom(seed) });
const connect = (url: string): Step => ({ type: "connect", url, afterMs: 0 });

test("every master is tried once before anything is waited for", () => {
  const three = link([a, b, c]);
  expect([three.next({ type: "start" }), three.next(lost), three.next(lost)]).toEqual([
    connect(a),
    connect(b),
    connect(c),
  ]);
  const fourth = three.next(lost);
  expect(fourth).toMatchObject({ type: "connect", url: a });
  expect((fourth as { afterMs: number }).afterMs).toBeGreaterThan(0);
});

test("a redirect to the leader is followed at once, also to a master that is not in the list", () => {
  const two = link([a, b]);
  two.next({ type: "start" });
  const step = two.next({ type: "answered", status: 307, text: "", location: "//d:5050/api/v1/scheduler" });
  expect(step).toEqual(connect("http://d:5050"));
  expect(two.next(lost)).toEqual(connect(a));
});

test("masters that redirect in a circle are not followed for ever", () => {
  const one = link([a]);
  one.next({ type: "start" });
  const waits = Array.from({ length: 6 }, () =>
    one.next({ type: "answered", status: 307, text: "", location: "//a:5050/x" }),
  ).map((step) => (step.type === "connect" ? step.afterMs : -1));
  expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(waits[5]).toBeGreaterThan(0);
});

test("a refusal ends the attempts, a master without a leader does not", () => {
  const one = link([a]);
  one.next({ type: "start" });
  expect(one.next({ type: "answered", status: 503, text: "" })).toMatchObject({ type: "connect" });
  expect(one.next({ type: "answered", status: 400, text: "no" })).toEqual({ type: "give-up", status: 400, text: "no" });
});

test("after a good stream the same address is tried soon, then the others", () => {
  const two = link([a, b]);
  two.next({ type: "start" });
  two.subscribed();
  const again = two.next(lost);
  expect(again).toMatchObject({ type: "connect", url: a });
  expect((again as { afterMs: number }).afterMs).toBeLessThanOrEqual(250);
  expect(two.next(lost)).toEqual(connect(b));
});

test("waits grow to the bound and never beyond, for every seed", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, attempts) => {
      const one = link([a], seed);
      one.next({ type: "start" });
      let wait = 0;
      for (let i = 0; i < attempts; i++) {
        const step = one.next(lost);
        wait = step.type === "connect" ? step.afterMs : Number.NaN;
        expect(wait).toBeGreaterThanOrEqual(125);
        expect(wait).toBeLessThanOrEqual(15_000);
      }
      if (attempts > 8) expect(wait).toBeGreaterThanOrEqual(7500);
    }),
  );
});

test("five missed heartbeats are silence", () => {
  expect(link([a]).silenceMs(15_000)).toBe(75_000);
});
