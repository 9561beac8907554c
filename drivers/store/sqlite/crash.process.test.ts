import { existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@meseta/lib/core/random.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { cutOffAfter, type Files, hasStrace, killedAfter, layOut, type Step, traced } from "./crash.rig.ts";
import { recordsAfter } from "./crash-commits.rig.ts";
import { SqliteFile } from "./file.ts";

// The states are looked at in memory: flushing them would take longer than all else.
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const PROGRAM = fileURLToPath(new URL("crash-life.rig.ts", import.meta.url));

describe.runIf(hasStrace).each(["inline", "in a worker"])("a store %s", (how) => {
  const root = testFolder("crash");
  const after = testFolder("crash", MEMORY);
  let steps: Step[];
  beforeAll(() => {
    steps = traced(PROGRAM, [how, join(root, "store.db")], root);
  });

  it("is traced as a whole: its commits, its flushes, and logs that begin anew", () => {
    expect(steps.flatMap((step) => (step.type === "say" ? step.text.trim() : []))).toEqual(
      Array.from({ length: 12 }, (_, i) => `${i + 1}`),
    );
    for (const type of ["make", "write", "flush", "remove"]) expect(steps.map((step) => step.type)).toContain(type);
    expect(recordsIn(killedAfter(steps, steps.length))).toEqual(recordsAfter(12));
  });

  it("killed between any two calls, it has each commit that was answered, and of the one under way all or nothing", () => {
    for (let count = 0; count <= steps.length; count++) judge(killedAfter(steps, count), count);
  });

  it("cut from power between any two calls, it has the same, whatever of the unflushed got lost or torn", () => {
    cutAnywhere(steps);
  });

  it("would not have it if it did not wait for its flushes", () => {
    expect(() => cutAnywhere(steps.filter(({ type }) => type !== "flush"))).toThrow();
  });

  it.each([
    ...[3, 6, 9, 12].map((when) => `fdatasync:error=EIO:when=${when}`),
    ...[20, 45, 70].map((when) => `pwrite64:error=ENOSPC:when=${when}..${when + 2}`),
    "pwrite64:error=EIO:when=50",
  ])(
    "on a disk of which a call fails (%s), it says so, and has what it answered after a power cut all the same",
    (fault) => {
      const dir = join(root, "faulty");
      mkdirSync(dir);
      const life = traced(PROGRAM, [how, join(dir, "store.db")], dir, fault);
      rmSync(dir, { recursive: true });
      expect(life.filter(({ type }) => type === "say")).toHaveLength(12);
      cutAnywhere(life, 3);
    },
  );

  function cutAnywhere(life: readonly Step[], stride = 1): void {
    for (let count = 0; count <= life.length; count += stride)
      for (let seed = 0; seed < 2; seed++) judge(cutOffAfter(life, count, createRandom(count * 2 + seed)), count, life);
  }

  function judge(files: Files, count: number, life: readonly Step[] = steps): void {
    const answered = life.slice(0, count).filter(({ type }) => type === "say").length;
    const found = recordsIn(files);
    const commits = Number(new Map(found).get("last") ?? 0);
    expect(commits, `after call ${count}`).toBeOneOf([answered, answered + 1]);
    expect(found, `after call ${count}`).toEqual(recordsAfter(commits));
  }

  function recordsIn(files: Files): [string, string][] {
    layOut(files, after);
    const file = new SqliteFile(join(after, "store.db"));
    try {
      return file.scan("");
    } finally {
      file.close();
    }
  }
});
