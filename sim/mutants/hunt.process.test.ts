import { expect, it } from "vitest";
import { MUTANTS } from "./all.ts";
import { Control, hunt } from "./hunt.ts";

/** One of each room, of those that are noticed soon. */
const SOME = [
  "master-overcommits",
  "allocator-gives-twice",
  "agent-update-not-stored",
  "init-launch-not-stored",
  "etcd-epoch-again",
];

it.each(SOME)("%s is noticed, in a history that is clean without it", async (id) => {
  const control = new Control();
  const found = await hunt(MUTANTS.find((mutant) => mutant.id === id)!, 60, control);
  control.end();
  expect(found?.violation).toMatch(/\w+/);
});

it("where nothing is planted nothing is noticed", async () => {
  const control = new Control();
  expect(await control.notices("any", 1)).toBeUndefined();
  control.end();
});
