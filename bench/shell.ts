// How long a person waits for the command line: help (goal 120 ms), the first rows of a list (goal 200 ms), and a whole `run` of `true`, beside a bare
// Node that does nothing. The compile cache is filled by a first round. `node bench/shell.ts [ROUNDS]`
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Part } from "./load/processes.ts";
import { line, median, millis } from "./measure/numbers.ts";

const ROUNDS = Number(process.argv[2] ?? 15);
const root = join(import.meta.dirname, "..");
const node = join(root, "node_modules/.bin/node");
const meseta = join(root, "bin/meseta");

async function main(): Promise<void> {
  await using master = await Part.start("master");
  await using _agent = await Part.start("agent", "--master", master.url, "--root-tasks");
  const cases: readonly [string, string, string[], number?][] = [
    ["bare node", node, ["-e", "0"]],
    ["meseta run --help", meseta, ["run", "--help"], 120],
    ["meseta node list", meseta, ["node", "list"], 200],
    ["meseta run true", meseta, ["run", "true"]],
  ];
  const times = cases.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++)
    for (const [index, [, program, args]] of cases.entries()) {
      const ms = wait(program, args, master.url);
      if (round > 0) times[index]!.push(ms);
    }
  const bare = median(times[0]!);
  for (const [index, [name, , , goal]] of cases.entries()) {
    const ms = median(times[index]!);
    line(name, millis(ms), `${(ms / bare).toFixed(1)} × bare node`, goal === undefined ? "" : `goal ${goal} ms`);
  }
}

function wait(program: string, args: string[], master: string): number {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(program, args, { env: { ...process.env, MESETA_MASTER: master } });
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
  return performance.now() - startMs;
}

await main();
