import { openSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { TextLog } from "@meseta/lib/io/log.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import { storeFailure } from "../failures.ts";
import type { Settings } from "../flags.ts";
import { Quickstarts } from "../quickstart/all.ts";
import { type ChosenPorts, choosePorts } from "./addresses.ts";
import type { Notice } from "./claim.ts";
import { etcdStore } from "./etcd.ts";
import { areInEtcd, type Kept, readKept, writeKept } from "./kept.ts";
import { Layout, type Ready } from "./layout.ts";
import { LocalEtcd } from "./local-etcd.ts";
import { moveRecords } from "./move.ts";
import { clashWarnings, freeBlock, neighboursOf } from "./neighbours.ts";
import { checkReachable } from "./reachable.ts";
import { Registrations } from "./registrations.ts";
import { type Part, Supervised } from "./supervise.ts";
import { inTurn } from "./turn.ts";
import { View } from "./view.ts";
import { Waits } from "./waits.ts";
import { welcome } from "./welcome.ts";

/** How long all parts may take to serve, and agents to register. */
const START_TIMEOUT_MS = 30_000;
/** How long a person takes to read a line of the quickstart. */
const READ_MS = 2_500;
/** How long an agent may take to end its tasks, their graces included, before it is killed. */
const STOP_GRACE_MS = 20_000;

/** The processes of one `up`, and what is told of them. */
export class LocalCluster {
  readonly #dir: string;
  readonly #kept: Kept;
  readonly #layout: Layout;
  readonly #settings: Settings;
  readonly #terminal: Terminal;
  readonly #log: Log;
  readonly #waits: Waits;
  #etcd: LocalEtcd | undefined;
  #masters: Supervised[] = [];
  #agents: Supervised[] = [];
  #init: Supervised | undefined;
  #cron: Supervised | undefined;
  #quickstarts: Quickstarts | undefined;
  #view: View | undefined;
  #stopping: Promise<void> | undefined;
  #isReady = false;

  constructor(dir: string, kept: Kept, settings: Settings, terminal: Terminal) {
    this.#dir = dir;
    this.#kept = kept;
    this.#layout = new Layout(dir, kept, settings);
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
    await checkReachable(this.#layout.ip);
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
    for (const line of clashWarnings(kept, neighbours)) this.#say(line);
    // The records are where they were, until they have been moved.
    const before = readKept(this.#dir) ?? kept;
    writeKept(this.#dir, { ...kept, masters: before.masters, running: true });
    const isMoving = areInEtcd(before) !== areInEtcd(kept);
    const layout = this.#layout;
    const needsEtcd = layout.hasEtcd || isMoving;
    const ports = await choosePorts(this.#dir, layout.ip, layout.wishes(needsEtcd));
    // Before anything else, because all others have their records there.
    if (needsEtcd) await this.#startEtcd(ports);
    if (isMoving) await this.#move(etcdStore(ports));
    kept.hadEtcd = layout.hasEtcd;
    writeKept(this.#dir, { ...kept, running: true });
    await this.#startAllOf(ports);
    return layout.describe(ports);
  }

  async #startAllOf(ports: ChosenPorts): Promise<void> {
    const supervise = (part: Part | undefined) => part && this.#supervise(part);
    this.#masters = this.#layout.masters(ports).map((part) => this.#supervise(part));
    this.#agents = this.#layout.agents(ports).map((part) => this.#supervise(part));
    this.#init = supervise(this.#layout.init(ports));
    this.#cron = supervise(this.#layout.cron(ports));
    await Promise.all([...this.#masters, ...this.#agents, this.#init, this.#cron].map((part) => part?.start()));
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
    const moved = await moveRecords(this.#dir, etcd, this.#layout.hasEtcd ? "to etcd" : "to files").catch((error) => {
      throw storeFailure(error);
    });
    const where = this.#layout.hasEtcd ? "from files to an etcd of three" : "from the etcd to files";
    this.#log.info("The records were copied and compared", { where, parts: moved.join(", ") });
    if (moved.length > 0) this.#say(`The records of ${moved.join(", ")} were copied ${where}, and compared.`);
    if (this.#layout.hasEtcd) return;
    await this.#etcd!.stop();
  }

  /** Ends the tasks, then the parts; ids and history stay in the directory. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.#masters.length === 0 && this.#etcd?.isRunning !== true) return;
    this.#quickstarts?.rest();
    const speaks = this.#isReady && !this.#json;
    if (speaks) this.#say("Ending the tasks …");
    // They start nothing anew, and hear of the ends: what is kept running is started again with the cluster.
    const frameworks = [this.#init, this.#cron];
    for (const framework of frameworks) framework?.rest();
    await Promise.all(this.#agents.map((agent) => agent.stop("end-tasks", STOP_GRACE_MS)));
    await Promise.all(frameworks.map((framework) => framework?.stop("leave-tasks", STOP_GRACE_MS)));
    this.#view?.close();
    this.#quickstarts?.close();
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

  #supervise(part: Part): Supervised {
    const { name } = part;
    const one = new Supervised(part, this.#log, (_, how) => this.#say(`${name} ended (${how}); starting it again`));
    this.#waits.watch(() => (one.hasServed ? [] : [name]));
    return one;
  }

  get #json(): boolean {
    return this.#settings["json"] === "true";
  }

  #tell(ready: Ready, tookMs: number): void {
    if (this.#settings["quickstart"] === "true")
      this.#quickstarts = new Quickstarts(ready, this.#json ? 0 : READ_MS, (line) => this.#say(line));
    this.#quickstarts?.start();
    if (this.#json) return this.#terminal.out(`${JSON.stringify(ready)}\n`);
    this.#view = new View(this.#terminal, ready.masters, () => this.#quickstarts?.heading ?? []);
    const hints = this.#quickstarts?.hints ?? [];
    this.#terminal.out(`${welcome(ready, this.#kept, tookMs, hints).join("\n")}\n\n`);
    void this.#view.watch();
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
