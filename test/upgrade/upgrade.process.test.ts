import { hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { describe, expect, it } from "vitest";
import { play } from "./play.ts";
import { releaseOf, withMigration } from "./releases.ts";

/** For all that is waited for in it, on a machine that does much else. */
const PATIENCE_MS = 900_000;

describe.runIf(hasEtcd)(
  "a cluster whose parts are replaced by those of a release with another format of records",
  () => {
    const folder = testFolder("upgrade");

    const replaced = async () => {
      const said: string[] = [];
      const from = releaseOf(".", folder);
      const sizes = { masters: 2, agents: 1, etcds: 1 };
      const to = withMigration(from, folder);
      const isWell = await play({ folder, from, to, rounds: 1, seed: 3, sizes, say: (text) => said.push(text) });
      expect(isWell, said.join("\n")).toBe(true);
      expect(said.join("\n")).toMatch(/newer-state\n.*holds records of format 2, written by Meseta 99\.0\.0/);
    };
    it("keeps every task and object, and refuses the older release afterwards", replaced, PATIENCE_MS);
  },
);
