// `npm run sim -- [--seeds N] [--from SEED]`: many histories; `npm run sim -- --seed N`: one, with its faults told. `--with NAME`: with this framework of the house in each (init; may be given more than once); `--init` is short for one.
import { parseArgs } from "node:util";
import { runSeed } from "./seed.ts";
import { TENANT_NAMES, type TenantName } from "./tenants/all.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    init: { type: "boolean" },
    with: { type: "string", multiple: true },
  },
});

const tenants = namedTenants([...(values.with ?? []), ...(values.init ? ["init"] : [])]);

if (values.seed !== undefined) console.log(await runSeed(Number(values.seed), { tell: console.log, tenants }));
else await runMany(Number(values.from), Number(values.seeds));

async function runMany(from: number, count: number): Promise<void> {
  const failures: string[] = [];
  const totals = { histories: 0, faults: 0, updates: 0, simulatedHours: 0 };
  for (let seed = from; seed < from + count; seed++) {
    try {
      const outcome = await runSeed(seed, { tenants });
      totals.faults += outcome.faults;
      totals.updates += outcome.updates;
      totals.simulatedHours += outcome.simulatedMs / 3_600_000;
    } catch (error) {
      failures.push((error as Error).message);
      console.error(`✗ ${(error as Error).message}\n  again: npm run sim -- --seed ${seed}`);
    }
    totals.histories++;
  }
  console.log(
    `${totals.histories} histories, ${totals.faults} faults, ${totals.updates} updates, ${totals.simulatedHours.toFixed(1)} simulated hours, ${failures.length} violations`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** Undefined when nobody is named: then each seed says itself. */
function namedTenants(names: readonly string[]): readonly TenantName[] | undefined {
  const unknown = names.find((name) => !TENANT_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--with ${unknown}: there are ${TENANT_NAMES.join(", ")}`);
  return names.length === 0 ? undefined : (names as readonly TenantName[]);
}
