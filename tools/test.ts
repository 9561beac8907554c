// Runs everything that `npm test` promises: types, lint, then the tests; ends with one line of totals.
// With CI=true a skipped test is a failure, because a skip there hides a part that is missing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const filters = process.argv.slice(2);

const checks = [
  ["tsc", "-p", "tsconfig.core.json"],
  ["tsc", "-p", "tsconfig.json"],
  ["biome", "check", "--error-on-warnings", "."],
];
const failedChecks = checks.filter((command) => !run(command));
const totals = runTests();
const failed = totals.failed + failedChecks.length;
for (const check of failedChecks) console.error(`✗ ${check.join(" ")} failed`);
if (process.env["CI"] === "true" && totals.skipped > 0)
  console.error(`✗ ${totals.skipped} tests were skipped: on CI each part must be there and run`);
console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`);
process.exitCode = failed > 0 || totals.passed === 0 || (process.env["CI"] === "true" && totals.skipped > 0) ? 1 : 0;

function run([program, ...args]: string[]): boolean {
  return spawnSync(join(root, "node_modules/.bin", program!), args, { cwd: root, stdio: "inherit" }).status === 0;
}

function runTests(): { passed: number; failed: number; skipped: number } {
  const folder = mkdtempSync(join(tmpdir(), "meseta-test-"));
  const report = join(folder, "report.json");
  const clean = run([
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...filters,
  ]);
  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
  } = JSON.parse(readFileSync(report, "utf8"));
  rmSync(folder, { recursive: true });
  // A file that does not even load, or an error outside of any test, fails the run without a failed test.
  const failed = numFailedTests === 0 && !clean ? 1 : numFailedTests;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}
