import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of many seconds, which would otherwise run alone at the end; what keeps a processor busy beside what mostly waits. */
const LONG = [
  "drivers/container/cgroups/v2.process.test.ts",
  "drivers/network/networks.process.test.ts",
  "sim/seeds.process.test.ts",
  "drivers/container/oci/conformance.process.test.ts",
];

/** The order in which test files begin: the long ones first. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? LONG.length : at;
    };
    const usual = await super.sort(files);
    return usual.sort((a, b) => place(a) - place(b));
  }
}
