// The network of one run: a namespace for each place, all joined by a bridge in the namespace of the clients. Nothing of it is seen by the rest of the machine.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { CLIENTS, PARTS, PLACES } from "./parts.ts";

/** Who does not hear whom. */
export interface Cut {
  readonly from: string;
  readonly to: string;
  /** Of the packets; all where it is not said. */
  readonly percent?: number | undefined;
}

const PREFIX = "meseta-chaos-";
const MASK = 24;

/** The namespaces of one run are called by the process that made them. */
export function namespaceOf(run: number, place: string): string {
  return `${PREFIX}${run}-${place}`;
}

/** Makes the bridge, and joins every place. Throws with the words of `ip` where that cannot be. */
export function makeNetwork(run: number): void {
  const hub = namespaceOf(run, CLIENTS.name);
  ip("netns", "add", hub);
  ip("-n", hub, "link", "set", "lo", "up");
  ip("-n", hub, "link", "add", "bridge", "type", "bridge");
  ip("-n", hub, "addr", "add", `${CLIENTS.ip}/${MASK}`, "dev", "bridge");
  ip("-n", hub, "link", "set", "bridge", "up");
  for (const part of PARTS) {
    const own = namespaceOf(run, part.name);
    ip("netns", "add", own);
    ip("-n", hub, "link", "add", part.name, "type", "veth", "peer", "name", "eth0", "netns", own);
    ip("-n", hub, "link", "set", part.name, "master", "bridge", "up");
    ip("-n", own, "addr", "add", `${part.ip}/${MASK}`, "dev", "eth0");
    for (const device of ["lo", "eth0"]) ip("-n", own, "link", "set", device, "up");
  }
}

/** Ends every process within the namespaces of a run, and takes them away. */
export function removeNetwork(run: number): void {
  const own = namespaces().filter((name) => name.startsWith(namespaceOf(run, "")));
  for (let pids = own.flatMap(pidsIn); pids.length > 0; pids = own.flatMap(pidsIn)) for (const pid of pids) kill(pid);
  for (const name of own) ip("netns", "delete", name);
}

/** Runs whose process is gone, and whose namespaces are still there. */
export function abandonedRuns(): number[] {
  const runs = namespaces().flatMap((name) => (name.startsWith(PREFIX) ? [Number(name.split("-")[2])] : []));
  return [...new Set(runs)].filter((run) => !isAlive(run));
}

/** The command that runs another one at a place; only its network changes, and its process id is that of the other. */
export function atPlace(run: number, place: string, command: readonly string[]): string[] {
  return ["nsenter", `--net=/run/netns/${namespaceOf(run, place)}`, "--", ...command];
}

/** The processes of a place. */
export function pidsAt(run: number, place: string): number[] {
  return pidsIn(namespaceOf(run, place));
}

/** Puts cuts into effect. What is cut is dropped without a word, as by a switch that is gone. */
export class Cuts {
  readonly #run: number;
  #present: readonly Cut[] = [];
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(run: number) {
    this.#run = run;
  }

  /** Resolves when just these are in effect. */
  become(cuts: readonly Cut[]): Promise<void> {
    const turn = this.#turn.then(() => this.#become(cuts));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #become(cuts: readonly Cut[]): Promise<void> {
    const changed = PLACES.filter(({ name }) => rulesOf(this.#present, name) !== rulesOf(cuts, name));
    this.#present = cuts;
    await Promise.all(changed.map(({ name }) => this.#write(name, rulesOf(cuts, name))));
  }

  #write(place: string, rules: string): Promise<void> {
    const [program, ...words] = atPlace(this.#run, place, ["iptables-restore", "-w"]);
    const child = spawn(program!, words, { stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(rules);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`iptables-restore ended with ${code}`))));
    });
  }
}

function rulesOf(cuts: readonly Cut[], place: string): string {
  const rules = new Set(cuts.filter(({ to }) => to === place).map(ruleOf));
  return `*filter\n:INPUT ACCEPT [0:0]\n${[...rules].sort().join("")}COMMIT\n`;
}

function ruleOf({ from, percent }: Cut): string {
  const { ip } = PLACES.find(({ name }) => name === from)!;
  const some = percent === undefined ? "" : ` -m statistic --mode random --probability ${percent / 100}`;
  return `-A INPUT -s ${ip}${some} -j DROP\n`;
}

function namespaces(): string[] {
  return existsSync("/run/netns") ? readdirSync("/run/netns") : [];
}

function pidsIn(namespace: string): number[] {
  const { stdout } = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map(Number)
    .filter((pid) => pid !== process.pid && !isZombie(pid));
}

// Whose parent has not looked yet: it is dead already.
function isZombie(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

function isAlive(run: number): boolean {
  try {
    return readFileSync(`/proc/${run}/cmdline`, "utf8").includes("chaos");
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

function ip(...words: string[]): void {
  const { status, stderr } = spawnSync("ip", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${words.join(" ")}: ${stderr.trim()}`);
}
