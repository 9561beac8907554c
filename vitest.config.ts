import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongFirst } from "./tools/long-first.ts";

// Tests, and what they start, read their modules as `bin/meseta` does, compiled once: stripping types is most of what a short process takes.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compile", import.meta.url));

// Tests for a machine of another kind: drivers/container/machine/whole-guest.rig.ts starts one, and runs them in it.
const elsewhere = process.env["MESETA_GUEST"] === undefined ? ["**/*.guest.test.ts"] : [];

/** What is waited for is waited for: a loaded machine takes its time, and the bound is only for what never comes. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

// Three files run at a time, each in a worker of its own: many wait for most of their time. Pure tests are not isolated, and run shuffled; those that start processes are, and have
// folders, ports, control groups and networks of their own, so that no other file, nor another run on the same machine, is in their way.
export default defineConfig({
  test: {
    maxWorkers: 3,
    // Node loads the modules itself, here as in production: nothing is transformed on the way, and `vi.mock` has nothing to replace.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: "pure",
          include: [
            "{lib,api,kernel,drivers,init,cron,sdk,shell,boot,sim,tools}/**/*.test.ts",
            "test/*.test.ts",
            "test/!(e2e)/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/*.process.test.ts", "**/*.guest.test.ts"],
          isolate: false,
          sequence: { shuffle: { tests: true } },
          ...patience,
        },
      },
      {
        test: {
          name: "processes",
          include: ["**/*.process.test.ts", "**/*.guest.test.ts", "test/e2e/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...elsewhere],
          isolate: true,
          ...patience,
        },
      },
    ],
  },
});
