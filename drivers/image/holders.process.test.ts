import { linkSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Holders } from "./holders.ts";
import { temporary } from "./image.rig.ts";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

it("who holds what is known to the next life", () => {
  using folder = temporary("holders");
  const holders = new Holders(folder.path);
  holders.hold("a", digest("1"));
  holders.hold("a", digest("1"));
  holders.hold("a", digest("2"));
  holders.hold("b/with - strange\nname", digest("2"));
  expect(new Holders(folder.path).held()).toEqual(new Set([digest("1"), digest("2")]));
  new Holders(folder.path).keep(new Set(["b/with - strange\nname"]));
  const next = new Holders(folder.path);
  expect(next.held()).toEqual(new Set([digest("2")]));
  next.release("a");
  next.release("b/with - strange\nname");
  expect(readdirSync(join(folder.path, "holders"))).toEqual(["none"]);
});

it("there may be more holders than a file can have names", () => {
  using folder = temporary("holders");
  const holders = new Holders(folder.path);
  holders.hold("first", digest("1"));
  const none = join(folder.path, "holders", "none");
  for (let at = 0; at < 70_000; at++) {
    try {
      linkSync(none, join(folder.path, `name${at}`));
    } catch {
      break;
    }
  }
  for (let at = 0; at < 3; at++) holders.hold(`holder ${at}`, digest("1"));
  expect(new Holders(folder.path).held()).toEqual(new Set([digest("1")]));
  expect(readdirSync(join(folder.path, "holders"))).toHaveLength(5);
});
