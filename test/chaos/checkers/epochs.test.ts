import { expect, it } from "vitest";
import { checkEpochs } from "./epochs.ts";

const load = (epoch: number, version: number): string =>
  `info The records are loaded epoch=${epoch} version=${version} jobs=1`;

it("epochs that rise, with as much stored as before or more, are right, in whichever log they stand", () => {
  expect(checkEpochs("cron", [load(9, 4), "info Cron leads", load(7, 0), load(8, 4)])).toEqual({
    problems: [],
    takeovers: 3,
  });
});

it("an epoch that two have had is wrong, and one that finds less than the one before", () => {
  expect(checkEpochs("cron", [load(7, 0), load(7, 0)]).problems).toHaveLength(1);
  expect(checkEpochs("cron", [load(7, 5), load(8, 4)]).problems).toHaveLength(1);
});
