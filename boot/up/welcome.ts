import { userInfo } from "node:os";
import { join } from "node:path";
import { localPortsFile } from "@meseta/shell/io/settings.ts";
import type { Kept } from "./kept.ts";
import type { Ready } from "./layout.ts";
import { USUAL_BLOCK } from "./machine.ts";

/** What somebody is told who has started a cluster: what runs where, and what to try next. */
export function welcome(ready: Ready, kept: Kept, tookMs: number, hints: readonly string[]): string[] {
  return [
    `Meseta is ready after ${(tookMs / 1000).toFixed(1)} s: ${whatRuns(ready)}. State and logs: ${ready.dir}`,
    ...whereItRuns(ready),
    rights(),
    ...otherPorts(kept),
    "Try, in another terminal:",
    ...howToFind(ready.dir),
    "  bin/meseta run -- echo hello        runs a command on the cluster",
    "  bin/meseta task list                what runs; with --all also what ran",
    "  bin/meseta node list                the agents, and what they have left",
    "  bin/meseta events -f                everything that happens",
    ...hints,
    "Ctrl-C ends the tasks and stops.",
  ];
}

function whatRuns({ masters, agents, init, chronos }: Ready): string {
  const all = [
    masters.length === 1 ? "one master" : `${masters.length} masters on an etcd of three`,
    `${agents.length} ${agents.length === 1 ? "agent" : "agents"}`,
    ...(init === null ? [] : ["an init"]),
    ...(chronos === null ? [] : ["a cron"]),
  ];
  return all.join(", ");
}

function whereItRuns({ masters, agents, init, chronos, metronome }: Ready): string[] {
  return [
    masters.length === 1 ? `  master  ${masters[0]}` : `  masters ${masters.join("  ")}`,
    `  agents  ${agents.join("  ")}`,
    ...(init === null ? [] : [`  init    ${init}`]),
    ...(chronos === null ? [] : [`  cron    ${chronos} (Chronos)  ${metronome} (Metronome)`]),
  ];
}

function rights(): string {
  if (process.getuid?.() === 0) return "Running as root: tasks may run as root too (agents have --root-tasks).";
  const user = userInfo().username;
  return `Not running as root: tasks run as ${user} whatever user they ask for; limits by cgroups need root.`;
}

function otherPorts({ ports = USUAL_BLOCK, resources }: Kept): string[] {
  if (resources !== undefined || ports.begin === USUAL_BLOCK.begin) return [];
  const usual = `${USUAL_BLOCK.begin}-${USUAL_BLOCK.end}`;
  return [`Another cluster of this machine offers ports ${usual}, so this one offers ${ports.begin}-${ports.end}.`];
}

function howToFind(dir: string): string[] {
  if (join(dir, "ports.json") === localPortsFile({})) return [];
  return [`  export MESETA_DIR=${dir}   for commands to find this cluster`];
}
