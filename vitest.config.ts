import { defineConfig } from "vitest/config";

// Tests for a machine of another kind: drivers/container/machine/whole-guest.rig.ts starts one, and runs them in it.
const elsewhere = process.env["MESETA_GUEST"] === undefined ? ["**/*.guest.test.ts"] : [];

// Pure tests share one worker and run shuffled; tests that start processes are isolated and run one file at a time.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "pure",
          include: [
            "{lib,api,kernel,drivers,init,sdk,shell,boot,sim,tools}/**/*.test.ts",
            "test/*.test.ts",
            "test/wire/**/*.test.ts",
            "test/scenarios/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/*.process.test.ts", "**/*.guest.test.ts"],
          isolate: false,
          sequence: { shuffle: { tests: true } },
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "processes",
          include: ["**/*.process.test.ts", "**/*.guest.test.ts", "test/e2e/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...elsewhere],
          isolate: true,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
