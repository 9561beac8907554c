import { openSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { TextLog } from "@meseta/lib/io/log.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { localPortsFile } from "@meseta/shell/io/settings.ts";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import { storeFailure } from "../failures.ts";
import type { Settings } from "../flags.ts";
import { QuickstartJob } from "../quickstart/job.ts";
import { Quickstart } from "../quickstart/run.ts";
import { QuickstartService } from "../quickstart/service.ts";
import { type ChosenPorts, choosePorts } from "./addresses.ts";
import type { Notice } from "./claim.ts";
import { etcdStore, etcdWishes } from "./etcd.ts";
import { areInEtcd, type Kept, readKept, writeKept } from "./kept.ts";
import { LocalEtcd } from "./local-etcd.ts";
import { detectMachine, shareOf, USUAL_BLOCK } from "./machine.ts";
import { moveRecords } from "./move.ts";
import { blocksOf, clashes, freeBlock, type Neighbour, neighboursOf } from "./neighbours.ts";
import { checkReachable } from "./reachable.ts";
import { Registrations } from "./registrations.ts";
import { type Part, Supervised } from "./supervise.ts";
import { inTurn } from "./turn.ts";
import { View } from "./view.ts";
import { Waits } from "./waits.ts";

const MASTER_PORT = 5050;
const INIT_PORT = 8080;
const CHRONOS_PORT = 4400;
const METRONOME_PORT = 9000;
/** How long all parts may take to serve, and agents to register. */
const START_TIMEOUT_MS = 30_000;
/** How long a person takes to read a line of the quickstart. */
const READ_MS = 2_500;
/** How long an agent may take to end its tasks, their graces included, before it is killed. */
const STOP_GRACE_MS = 20_000;

export interface Ready {
  event: "ready";
  v: 1;
  dir: string;
  store: string;
  master: string;
  masters: string[];
  agents: string[];
  init: string | null;
  chronos: string | null;
  metronome: string | null;
  ui: string | null;
}

/** The processes of one `up`, and what is told of them. */
export class LocalCluster {
  readonly #dir: string;
  readonly #kept: Kept;
  readonly #settings: Settings;
  readonly #terminal: Terminal;
  readonly #log: Log;
  readonly #waits: Waits;
  #etcd: LocalEtcd | undefined;
  #masters: Supervised[] = [];
  #agents: Supervised[] = [];
  #init: Supervised | undefined;
  #cron: Supervised | undefined;
  #quickstart: Quickstart | undefined;
  #service: QuickstartService | undefined;
  #job: QuickstartJob | undefined;
  #view: View | undefined;
  #stopping: Promise<void> | undefined;
  #isReady = false;

  constructor(dir: string, kept: Kept, settings: Settings, terminal: Terminal) {
    this.#dir = dir;
    this.#kept = kept;
    this.#settings = settings;
    this.#terminal = terminal;
    // Not to stderr: a line there would break the picture, which says the same in its own words.
    this.#log = new TextLog(openSync(join(dir, "logs", "up.log"), "a", 0o600));
    this.#waits = new Waits(join(dir, "logs"), (line) => this.#warn(line));
  }

  async start(): Promise<Notice> {
    const beganMs = Date.now();
    const ready = await this.#waits.during(this.#startAll());
    this.#isReady = true;
    this.#tell(ready, Date.now() - beganMs);
    return { ...ready };
  }

  /** Resolves when tasks can run: all agents are registered and active, and the frameworks are registered too. */
  async #startAll(): Promise<Ready> {
    await checkReachable(this.#ip);
    const ready = await inTurn(() => this.#startParts());
    const frameworks = [this.#init, this.#cron].flatMap((part) => part ?? []);
    const missing = new Registrations(ready, frameworks);
    this.#waits.watch(() => missing.names);
    await missing.wait(START_TIMEOUT_MS);
    return ready;
  }

  /** Resolves when all parts serve: then their ports are taken. */
  async #startParts(): Promise<Ready> {
    if (this.#stopping !== undefined)
      throw new Failure("interrupted", { why: "the cluster was not ready yet; it is stopped" });
    const neighbours = neighboursOf(this.#dir);
    this.#kept.ports ??= freeBlock(neighbours);
    const kept = this.#kept;
    for (const line of warnings(kept, neighbours)) this.#say(line);
    // The records are where they were, until they have been moved.
    const before = readKept(this.#dir) ?? kept;
    writeKept(this.#dir, { ...kept, masters: before.masters, running: true });
    const isMoving = areInEtcd(before) !== areInEtcd(kept);
    const masters = mastersOf(kept);
    const masterPort = Number(this.#settings["master-port"] ?? MASTER_PORT);
    const ports = await choosePorts(this.#dir, this.#ip, [
      ...masters.map((part, i) => ({ part, port: masterPort + i })),
      ...range(kept.agents).map((i) => ({ part: `agent-${i + 1}`, port: MASTER_PORT + masters.length + i })),
      ...(this.#hasEtcd || isMoving ? etcdWishes() : []),
      ...(this.#hasInit ? [{ part: "init", port: INIT_PORT }] : []),
      ...(this.#hasCron ? CRON_PORTS : []),
    ]);
    const ready = this.#describe(ports, kept);
    const list = ready.masters.join(",");
    // Before anything else, because all others have their records there.
    if (this.#hasEtcd || isMoving) await this.#startEtcd(ports);
    if (isMoving) await this.#move(etcdStore(ports));
    kept.hadEtcd = this.#hasEtcd;
    writeKept(this.#dir, { ...kept, running: true });
    this.#masters = masters.map((name) => this.#supervise(this.#masterPart(name, ports)));
    this.#agents = range(kept.agents).map((i) => this.#supervise(this.#agentPart(i, kept, ports, list)));
    if (this.#hasInit) this.#init = this.#supervise(this.#initPart(ports, list));
    if (this.#hasCron) this.#cron = this.#supervise(this.#cronPart(ports, list));
    await Promise.all([...this.#masters, ...this.#agents, this.#init, this.#cron].map((part) => part?.start()));
    return ready;
  }

  async #startEtcd(ports: ChosenPorts): Promise<void> {
    this.#etcd = new LocalEtcd(this.#dir, ports, {
      supervise: (part) => this.#supervise(part),
      say: (line) => this.#warn(line),
    });
    await this.#etcd.start(this.#kept.hadEtcd === true).catch((error) => {
      throw storeFailure(error);
    });
  }

  /** There are several masters now, or one again: the records go where those have theirs. */
  async #move(etcd: string): Promise<void> {
    const moved = await moveRecords(this.#dir, etcd, this.#hasEtcd ? "to etcd" : "to files").catch((error) => {
      throw storeFailure(error);
    });
    const where = this.#hasEtcd ? "from files to an etcd of three" : "from the etcd to files";
    this.#log.info("The records were copied and compared", { where, parts: moved.join(", ") });
    if (moved.length > 0) this.#say(`The records of ${moved.join(", ")} were copied ${where}, and compared.`);
    if (this.#hasEtcd) return;
    await this.#etcd!.stop();
  }

  /** Ends the tasks, then the parts; ids and history stay in the directory. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.#masters.length === 0 && this.#etcd?.isRunning !== true) return;
    this.#quickstart?.rest();
    this.#service?.close();
    this.#job?.close();
    const speaks = this.#isReady && !this.#json;
    if (speaks) this.#say("Ending the tasks …");
    // They start nothing anew, and hear of the ends: what is kept running is started again with the cluster.
    const frameworks = [this.#init, this.#cron];
    for (const framework of frameworks) framework?.rest();
    await Promise.all(this.#agents.map((agent) => agent.stop("end-tasks", STOP_GRACE_MS)));
    await Promise.all(frameworks.map((framework) => framework?.stop("leave-tasks", STOP_GRACE_MS)));
    this.#view?.close();
    this.#quickstart?.close();
    await Promise.all(this.#masters.map((part) => part.stop("leave-tasks", STOP_GRACE_MS)));
    await this.#etcd?.stop();
    // Of a cluster that did not start, an earlier life's tasks may still run, and its records be where they were.
    const { masters } = readKept(this.#dir) ?? this.#kept;
    writeKept(this.#dir, { ...this.#kept, masters, running: !this.#isReady && this.#kept.running });
    if (speaks)
      this.#terminal.out(
        `Stopped. Ids, frameworks, quota and history are kept in ${this.#dir}; meseta down --wipe removes them.\n`,
      );
  }

  get #ip(): string {
    return this.#kept.ip;
  }

  get #json(): boolean {
    return this.#settings["json"] === "true";
  }

  get #hasEtcd(): boolean {
    return areInEtcd(this.#kept);
  }

  get #hasInit(): boolean {
    return this.#settings["no-init"] !== "true";
  }

  get #hasCron(): boolean {
    return this.#settings["no-cron"] !== "true";
  }

  #supervise(part: Part): Supervised {
    const { name } = part;
    const one = new Supervised(part, this.#log, (_, how) => this.#say(`${name} ended (${how}); starting it again`));
    this.#waits.watch(() => (one.hasServed ? [] : [name]));
    return one;
  }

  #masterPart(name: string, ports: ChosenPorts): Part {
    const place = ["--port", String(ports[name]), "--dir", join(this.#dir, name), ...this.#storeFlag(ports)];
    return this.#part(name, ["master", ...place, "--cluster", "meseta"]);
  }

  /** Where several masters are, init and cron have their records in the same etcd. */
  #storeFlag(ports: ChosenPorts): string[] {
    return this.#hasEtcd ? ["--store", etcdStore(ports)] : [];
  }

  #agentPart(index: number, kept: Kept, ports: ChosenPorts, masters: string): Part {
    const name = `agent-${index + 1}`;
    const resources = kept.resources ?? shareOf(detectMachine(this.#dir, kept.ports), index, kept.agents);
    const args = ["agent", "--master", masters, "--port", String(ports[name]), "--dir", join(this.#dir, name)];
    if (process.getuid?.() === 0) args.push("--root-tasks");
    return this.#part(name, [...args, "--resources", resources, "--hostname", this.#ip]);
  }

  #initPart(ports: ChosenPorts, masters: string): Part {
    const place = ["--port", String(ports["init"]), "--dir", join(this.#dir, "init"), ...this.#storeFlag(ports)];
    return this.#part("init", ["init", "--master", masters, ...place, ...BRIDGE]);
  }

  #cronPart(ports: ChosenPorts, masters: string): Part {
    const listening = ["--port", String(ports["chronos"]), "--metronome-port", String(ports["metronome"])];
    const place = [...listening, "--dir", join(this.#dir, "cron"), ...this.#storeFlag(ports)];
    return this.#part("cron", ["cron", "--master", masters, ...place, ...BRIDGE]);
  }

  #part(name: string, args: string[]): Part {
    const common = ["--ip", this.#ip, "--log-level", this.#settings["log-level"]!];
    if (this.#settings["insecure"] === "true") common.push("--insecure");
    const logFile = join(this.#dir, "logs", `${name}.log`);
    return { name, args: [...args, ...common, "--log-file", logFile], logFile };
  }

  #describe(ports: ChosenPorts, kept: Kept): Ready {
    const url = (part: string): string => `http://${hostAndPort(this.#ip, ports[part]!)}`;
    return {
      event: "ready",
      v: 1,
      dir: this.#dir,
      store: this.#hasEtcd ? `${etcdStore(ports)}/master` : `sqlite:${join(this.#dir, "master", "store.db")}`,
      master: url("master"),
      masters: mastersOf(kept).map(url),
      agents: range(kept.agents).map((i) => url(`agent-${i + 1}`)),
      init: this.#hasInit ? url("init") : null,
      chronos: this.#hasCron ? url("chronos") : null,
      metronome: this.#hasCron ? url("metronome") : null,
      ui: null,
    };
  }

  #tell(ready: Ready, tookMs: number): void {
    if (this.#settings["quickstart"] === "true") this.#startQuickstart(ready);
    if (this.#json) return this.#terminal.out(`${JSON.stringify(ready)}\n`);
    this.#view = new View(this.#terminal, ready.masters, () => [
      ...(this.#service?.heading ?? []),
      ...(this.#job?.heading ?? []),
    ]);
    const hints = this.#quickstart === undefined ? [] : QUICKSTART_HINTS;
    this.#terminal.out(`${welcome(ready, this.#kept, tookMs, hints).join("\n")}\n\n`);
    void this.#view.watch();
  }

  #startQuickstart({ masters, agents, init, metronome }: Ready): void {
    const say = (line: string): void => this.#say(line);
    const homePort = Number(new URL(agents[0]!).port);
    this.#quickstart = new Quickstart({ masters, dir: this.#dir, homePort, say });
    this.#quickstart.start();
    if (metronome !== null) this.#job = new QuickstartJob(metronome, say);
    this.#job?.start();
    if (init === null) return;
    this.#service = new QuickstartService({ init, masters, dir: this.#dir, say, readMs: this.#json ? 0 : READ_MS });
    this.#service.start();
  }

  #warn(line: string): void {
    this.#log.warn(line);
    this.#say(line);
  }

  #say(line: string): void {
    if (this.#view !== undefined) this.#view.say(line);
    else if (!this.#json) this.#terminal.err(`${line}\n`);
  }
}

/** The names of the masters as parts: the first one is called as where there is but one. */
function mastersOf({ masters = 1 }: Kept): string[] {
  return range(masters).map((i) => (i === 0 ? "master" : `master-${i + 1}`));
}

const CRON_PORTS = [
  { part: "chronos", port: CHRONOS_PORT },
  { part: "metronome", port: METRONOME_PORT },
];

/** The network that agents have unless they are told of others, so that bridge mode works at once. */
const BRIDGE = ["--bridge-name", "meseta"];

const QUICKSTART_HINTS = [
  "  bin/meseta task exec -it pod-page -- sh   a shell inside that pod",
  "  bin/meseta app scale /quickstart/web 5    five of the web servers",
  "  bin/meseta job history quickstart.tick    the runs of a job, every five seconds one",
];

function welcome(
  { masters, agents, init, chronos, metronome, dir }: Ready,
  { ports = USUAL_BLOCK, resources }: Kept,
  tookMs: number,
  hints: readonly string[],
): string[] {
  const rights =
    process.getuid?.() === 0
      ? "Running as root: tasks may run as root too (agents have --root-tasks)."
      : `Not running as root: tasks run as ${userInfo().username} whatever user they ask for; limits by cgroups need root.`;
  return [
    `Meseta is ready after ${(tookMs / 1000).toFixed(1)} s: ${masters.length === 1 ? "one master" : `${masters.length} masters on an etcd of three`}, ${agents.length} ${agents.length === 1 ? "agent" : "agents"}${init === null ? "" : ", an init"}${chronos === null ? "" : ", a cron"}. State and logs: ${dir}`,
    masters.length === 1 ? `  master  ${masters[0]}` : `  masters ${masters.join("  ")}`,
    `  agents  ${agents.join("  ")}`,
    ...(init === null ? [] : [`  init    ${init}`]),
    ...(chronos === null ? [] : [`  cron    ${chronos} (Chronos)  ${metronome} (Metronome)`]),
    rights,
    ...(resources !== undefined || ports.begin === USUAL_BLOCK.begin
      ? []
      : [`Another cluster of this machine offers ports 31000-32000, so this one offers ${ports.begin}-${ports.end}.`]),
    "Try, in another terminal:",
    ...(join(dir, "ports.json") === localPortsFile({})
      ? []
      : [`  export MESETA_DIR=${dir}   for commands to find this cluster`]),
    "  bin/meseta run -- echo hello        runs a command on the cluster",
    "  bin/meseta task list                what runs; with --all also what ran",
    "  bin/meseta node list                the agents, and what they have left",
    "  bin/meseta events -f                everything that happens",
    ...hints,
    "Ctrl-C ends the tasks and stops.",
  ];
}

/** Tasks of two clusters that get the same port meet at the second one's bind, so it is said before. */
function warnings(kept: Kept, neighbours: readonly Neighbour[]): string[] {
  return blocksOf(kept).flatMap((block) =>
    clashes(block, neighbours).map(
      ({ dir }) =>
        `The cluster in ${dir} offers ports of ${block.begin}-${block.end} as well: a task of each may be given the same one. Stop it (meseta down --dir ${dir}), or start this one in a new --dir.`,
    ),
  );
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
