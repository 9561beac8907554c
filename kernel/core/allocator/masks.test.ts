import fc from "fast-check";
import { expect, test } from "vitest";
import {
  block,
  countEligible,
  createMasks,
  eligible,
  ensureAgent,
  ensureClient,
  has,
  isEligible,
  put,
  unblock,
  unblockAgent,
  unblockClient,
  want,
} from "./masks.ts";
import { bag, framework, sketch } from "./sketch.rig.ts";

test("masks of any size say the same as sets", () => {
  const step = fc.record({ what: fc.nat(6), agent: fc.nat(40), client: fc.nat(150) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), fc.nat(12), (steps, enough) => {
      const masks = createMasks();
      const [active, wanted, blocked] = [new Set<number>(), new Set<number>(), new Set<string>()];
      for (const { what, agent, client } of steps) {
        ensureClient(masks, client);
        ensureAgent(masks, agent);
        if (what === 0) unblockAgent(masks, agent);
        else if (what === 1) unblockClient(masks, client, 41 < masks.agents ? 41 : masks.agents);
        else if (what === 2) unblock(masks, agent, client);
        else if (what === 3) block(masks, agent, client);
        else if (what === 4) want(masks, client);
        else put(masks.active, client, what === 5);
        for (const pair of blocked) {
          const [a, c] = pair.split(" ").map(Number);
          if (
            (what === 0 && a === agent) ||
            (what === 1 && c === client) ||
            (what === 2 && a === agent && c === client)
          )
            blocked.delete(pair);
        }
        if (what === 3) blocked.add(`${agent} ${client}`);
        if (what === 4) wanted.add(client);
        if (what === 5) active.add(client);
        if (what === 6) active.delete(client);
        for (const onlyWanted of [true, false]) {
          const expected = [...active]
            .filter((c) => !blocked.has(`${agent} ${c}`) && (!onlyWanted || wanted.has(c)))
            .sort((a, b) => a - b);
          expect(eligible(masks, masks.active, agent, onlyWanted)).toEqual(expected);
          expect(countEligible(masks, masks.active, agent, onlyWanted, enough)).toBe(
            Math.min(expected.length, enough + 1),
          );
          expect(isEligible(masks, masks.active, agent, onlyWanted, client)).toBe(expected.includes(client));
        }
        expect(has(masks.active, client)).toBe(active.has(client));
        expect(masks.wantedCount).toBe(wanted.size);
      }
    }),
    { numRuns: 50 },
  );
});

test("of a hundred frameworks each declines once before the first is asked again", () => {
  const allocator = sketch();
  for (let i = 0; i < 100; i++) allocator.addFramework(`f${i}`, framework(), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:1;mem:100"));
  const asked = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const [offer] = allocator.allocate(0).offers;
    asked.add(offer!.frameworkId);
    allocator.recover(offer!.frameworkId, "*", "s", bag("cpus:1;mem:100"), { refuseSeconds: 5, nowMs: 0 });
  }
  expect(asked.size).toBe(100);
  expect(allocator.allocate(0).offers).toEqual([]);
  expect(allocator.allocate(5_000).offers).toHaveLength(1);
});
