import { expect, test } from "vitest";
import { agreedVersion, LINK_VERSIONS, strangerText } from "./link-version.ts";

const speaks = (oldest: number, newest: number) => ({ oldest, newest });

test("an agent and a master of neighbouring releases speak the newest version that both know", () => {
  expect(agreedVersion(LINK_VERSIONS, LINK_VERSIONS)).toBe(LINK_VERSIONS.newest);
  expect(agreedVersion(speaks(1, 2), speaks(1, 1))).toBe(1);
  expect(agreedVersion(speaks(1, 1), speaks(1, 2))).toBe(1);
  expect(agreedVersion(speaks(2, 3), speaks(1, 2))).toBe(2);
});

test("where they have none in common it is said which of them is too old", () => {
  expect(agreedVersion(speaks(1, 1), speaks(2, 3))).toBeUndefined();
  expect(strangerText(speaks(1, 1), speaks(2, 3))).toBe(
    "The agent speaks version 1 of the agent link, this master versions 2 to 3: the agent is of too old a release. Upgrade that agent first",
  );
  expect(strangerText(speaks(2, 3), speaks(1, 1))).toContain(
    "the master is of too old a release. Upgrade the masters first",
  );
});
