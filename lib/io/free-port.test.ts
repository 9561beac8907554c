import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { freePort } from "./free-port.rig.ts";

const rig = fileURLToPath(new URL("free-port.rig.ts", import.meta.url));

/** Of 20,500: two lists of 300 that know nothing of one another share one in 98 of 100 cases. */
const many = (): Promise<number[]> => Promise.all(Array.from({ length: 300 }, freePort));

it("gives no port twice, neither here nor to another process while this one lives", async () => {
  const here = await many();
  const script = `import(${JSON.stringify(rig)}).then(async ({ freePort }) => {
    const ports = await Promise.all(Array.from({ length: 300 }, freePort));
    console.log(JSON.stringify(ports));
  })`;
  const there = JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as number[];

  expect(new Set([...here, ...there]).size).toBe(600);
});
