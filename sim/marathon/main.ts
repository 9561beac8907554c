// `npm run sim:marathon -- [--runs N] [--from SEED] [--test NAME] [--seed N]`: the seven tests that Marathon had with Jepsen, on the simulated cluster.
import { readOptions, refuseOptions } from "@meseta/lib/io/options.ts";
import { JEPSEN_TESTS } from "./acts.ts";
import { runJepsenTest } from "./play.ts";

const values = readOptions("sim:marathon", "The seven tests that Marathon had with Jepsen, on the simulated cluster.", {
  runs: { type: "string", value: "N", default: "20", about: "how many of each" },
  from: { type: "string", value: "N", default: "1", about: "the first seed" },
  test: { type: "string", value: "NAME", default: "", about: "only tests whose name contains this" },
  seed: { type: "string", value: "N", about: "only this one, with what happens" },
});
const tests = JEPSEN_TESTS.filter(({ name }) => name.includes(values.test));
if (tests.length === 0)
  refuseOptions("sim:marathon", `--test ${values.test}: there are ${JEPSEN_TESTS.map(({ name }) => name).join(", ")}`);
const isOne = values.seed !== undefined;
const [from, runs] = isOne ? [Number(values.seed), 1] : [Number(values.from), Number(values.runs)];
for (const test of tests) {
  const totals = { faults: 0, services: 0, acknowledged: 0, unknown: 0, problems: 0 };
  for (let seed = from; seed < from + runs; seed++)
    try {
      const outcome = await runJepsenTest(test, seed, isOne ? console.log : undefined);
      for (const what of ["faults", "services", "acknowledged", "unknown"] as const) totals[what] += outcome[what];
    } catch (error) {
      totals.problems++;
      console.log(`✗ ${(error as Error).message}\n  again: npm run sim:marathon -- --test ${test.name} --seed ${seed}`);
    }
  const { faults, services, acknowledged, unknown, problems } = totals;
  console.log(
    `${test.name}: ${runs} runs, ${faults} faults, ${services} services, ${acknowledged} requests acknowledged and ${unknown} without an answer, ${problems} violations`,
  );
  if (problems > 0) process.exitCode = 1;
}
