// `npm run bench [-- NAME …]`: runs each file of this folder as a process of its own, one after the other. Each prints
// its number, and the ratio to a peer or to the bare operation measured in the same run.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { heapFlags } from "@meseta/boot/heap.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const named = process.argv.slice(2);
const all = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && file !== "main.ts")
  .map((file) => file.slice(0, -3));
const wantsHelp = named.includes("--help");
const unknown = named.filter((name) => !all.includes(name));

if (wantsHelp) {
  console.log(
    `Usage: npm run bench [-- NAME …]\n\nMeasures, each beside a peer or the bare operation in the same run. There are:\n  ${all.join("\n  ")}`,
  );
} else if (unknown.length > 0) {
  console.error(`✗ there is no bench ${unknown.join(", ")}; there are: ${all.join(", ")}`);
  process.exitCode = 2;
} else {
  for (const name of named.length > 0 ? named : all) {
    console.log(`\n== ${name}`);
    const { status } = spawnSync(process.execPath, [...heapFlags("master"), `${folder}${name}.ts`], {
      stdio: "inherit",
    });
    if (status !== 0) process.exitCode = 1;
  }
}
