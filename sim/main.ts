// `npm run sim -- [--seeds N] [--from SEED]`: many histories; `npm run sim -- --seed N`: one, with its faults told. `--with NAME`: with this framework of the house in each (init; may be given more than once); `--init` and `--cron` are short for one. Each fifth seed, or with
// `--cron` each, is also a history of Jepsen's jobs.
import { parseArgs } from "node:util";
import { runJobs } from "./jobs.ts";
import { runSeed } from "./seed.ts";
import { TENANT_NAMES, type TenantName } from "./tenants/all.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    init: { type: "boolean" },
    cron: { type: "boolean" },
    with: { type: "string", multiple: true },
  },
});

const tenants = namedTenants([
  ...(values.with ?? []),
  ...["init", "cron"].filter((name) => values[name as "init" | "cron"]),
]);

if (values.seed !== undefined) await runOne(Number(values.seed));
else await runMany(Number(values.from), Number(values.seeds));

async function runOne(seed: number): Promise<void> {
  console.log(await runSeed(seed, { tell: console.log, tenants }));
  if (!hasJobs(seed)) return;
  console.log("and its history of jobs:");
  console.log(await runJobs(seed, { tell: console.log }));
}

function hasJobs(seed: number): boolean {
  return values.cron ?? (tenants === undefined && seed % 5 === 3);
}

async function runMany(from: number, count: number): Promise<void> {
  const failures: string[] = [];
  const totals = { histories: 0, faults: 0, updates: 0, simulatedHours: 0, jobs: 0, runs: 0 };
  for (let seed = from; seed < from + count; seed++) {
    try {
      const outcome = await runSeed(seed, { tenants });
      totals.faults += outcome.faults;
      totals.updates += outcome.updates;
      totals.simulatedHours += outcome.simulatedMs / 3_600_000;
      if (hasJobs(seed)) await addJobs(seed, totals);
    } catch (error) {
      failures.push((error as Error).message);
      console.error(`✗ ${(error as Error).message}\n  again: npm run sim -- --seed ${seed}`);
    }
    totals.histories++;
  }
  console.log(
    `${totals.histories} histories, ${totals.faults} faults, ${totals.updates} updates, ${totals.simulatedHours.toFixed(1)} simulated hours, ${failures.length} violations`,
  );
  console.log(`${totals.jobs} of them had a history of jobs as well, with ${totals.runs} runs`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

async function addJobs(
  seed: number,
  totals: { faults: number; simulatedHours: number; jobs: number; runs: number },
): Promise<void> {
  const outcome = await runJobs(seed);
  totals.jobs++;
  totals.runs += outcome.attempts;
  totals.faults += outcome.faults;
  totals.simulatedHours += outcome.simulatedMs / 3_600_000;
}

/** Undefined when nobody is named: then each seed says itself. */
function namedTenants(names: readonly string[]): readonly TenantName[] | undefined {
  const unknown = names.find((name) => !TENANT_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--with ${unknown}: there are ${TENANT_NAMES.join(", ")}`);
  return names.length === 0 ? undefined : (names as readonly TenantName[]);
}
