import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@meseta/lib/core/random.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { boxImage } from "../../box-image.ts";
import { PartProcess } from "../part-process.ts";
import { Book, type Entry, stateOf } from "./book.ts";
import { Decoys, killLauncher } from "./decoys.ts";
import { Framework } from "./framework.ts";

export interface AgentKills {
  readonly kills: number;
  /** How many tasks run all the time, and how many of them in containers. */
  readonly tasks: number;
  readonly containers: number;
  /** At the end the launcher is killed as well, and so many of its tasks' pids belong to others when the next one comes. */
  readonly decoys: number;
  readonly random: Random;
  readonly tell?: (text: string) => void;
}

export interface AgentOutcome {
  readonly kills: number;
  readonly tasks: number;
  readonly ends: ReadonlyMap<string, number>;
  readonly decoys: { readonly all: number; readonly alive: number };
  readonly startMs: readonly number[];
  readonly problems: readonly string[];
}

/** What is waited for has so long; what is not there by then is told as a problem. */
const PATIENCE_MS = 300_000;

/** Kills an agent again and again while it launches, updates and kills tasks, and looks at the end whether each of them was begun once, still runs, or ended as is told. */
export async function playAgent(asked: AgentKills): Promise<AgentOutcome> {
  const dir = mkdtempSync(join(tmpdir(), "meseta-kills-agent-"));
  const game = await Game.start(dir, asked);
  try {
    await game.fill();
    for (let kill = 1; kill <= asked.kills; kill++) await game.round(kill);
    await game.settle();
    game.compare();
    if (asked.decoys > 0) await game.deceive();
  } finally {
    await game.end();
  }
  if (game.problems.length === 0) rmSync(dir, { recursive: true, force: true });
  else game.problems.push(`all files are in ${dir}`);
  return game.outcome();
}

class Game {
  readonly problems: string[] = [];
  readonly #asked: AgentKills;
  readonly #dir: string;
  readonly #book = new Book();
  readonly #decoys = new Decoys();
  readonly #master: PartProcess;
  readonly #framework: Framework;
  readonly #startAgent: () => PartProcess;
  readonly #startMs: number[] = [];
  #agent: PartProcess;
  #number = 0;
  #image: string | undefined;
  #decoyCount = { all: 0, alive: 0 };

  static async start(dir: string, asked: AgentKills): Promise<Game> {
    const [masterPort, agentPort] = [await freePort(), await freePort()];
    // A machine that is busy with other things may be late for minutes: that is not what is tested.
    const patience = ["--max-agent-ping-timeouts", "1000", "--agent-reregister-timeout", "1hrs"];
    const words = ["master", "--port", `${masterPort}`, "--dir", join(dir, "master"), ...patience];
    const master = new PartProcess(words, masterPort, join(dir, "master.log"));
    await master.serves({ method: "GET", path: "/health" });
    return new Game(dir, asked, master, masterPort, agentPort);
  }

  private constructor(dir: string, asked: AgentKills, master: PartProcess, masterPort: number, agentPort: number) {
    const url = `http://127.0.0.1:${masterPort}`;
    const words = [
      ...["agent", "--port", `${agentPort}`, "--master", url, "--dir", join(dir, "agent"), "--root-tasks"],
      ...["--resources", "cpus:1000;mem:1000000;disk:100000"],
    ];
    this.#asked = asked;
    this.#dir = dir;
    this.#master = master;
    this.#framework = new Framework(url, this.#book);
    this.#startAgent = () => new PartProcess(words, agentPort, join(dir, "agent.log"));
    this.#agent = this.#startAgent();
  }

  /** Starts those that run all the time. */
  async fill(): Promise<void> {
    const { tasks, containers } = this.#asked;
    if (containers > 0) {
      mkdirSync(join(this.#dir, "image"), { recursive: true });
      this.#image = boxImage(join(this.#dir, "image"));
    }
    for (let i = 0; i < tasks; i++) this.#launch(undefined, i < containers);
    await this.#until(() => this.#book.running().length === tasks, "all tasks run");
  }

  async round(kill: number): Promise<void> {
    const { random, tell } = this.#asked;
    for (let i = random.below(5); i > 0; i--) this.#launch(random.below(3) === 0 ? 0 : 1 + random.below(100), false);
    if (random.below(3) === 0) this.#replaceOne();
    await sleep(random.below(400));
    await this.#agent.kill();
    this.#agent = this.#startAgent();
    if (random.below(4) === 0) return sleep(random.below(500)); // It is killed while it starts.
    this.#startMs.push(await this.#agent.serves({ method: "GET", path: "/health" }));
    if (kill % 10 > 0) return;
    this.#framework.reconcile();
    this.#comparePids();
    tell?.(`${kill} kills, ${this.#book.entries.size} tasks so far, ${this.#book.running().length} run`);
  }

  /** Until the end of each task is known that is to end. */
  async settle(): Promise<void> {
    const isOpen = (entry: Entry): boolean =>
      entry.exitCode !== undefined || entry.isKilled || stateOf(entry) !== "TASK_RUNNING";
    await this.#until(() => this.#framework.waiting === 0 && !this.#book.open().some(isOpen), "all ends are told");
  }

  compare(): void {
    this.#readBeginnings();
    this.problems.push(...this.#book.judge());
    this.#comparePids();
  }

  /** The launcher dies as well, and pids of its tasks are given to others before the next one comes. */
  async deceive(): Promise<void> {
    await this.#agent.kill();
    const folder = join(this.#dir, "agent", "launcher");
    await killLauncher(folder);
    const running = this.#book.running();
    for (const entry of running) entry.isDisowned = true;
    // Of those in containers it is not known.
    const robbed = running.filter(({ begun: [pid = 0] }) => pid > 0).slice(0, this.#asked.decoys);
    this.#decoys.place(join(folder, "launcher.record"), new Set(robbed.map(({ begun }) => begun[0]!)));
    this.#agent = this.#startAgent();
    await this.#until(
      () => robbed.every((entry) => !this.#book.open().includes(entry)),
      "the robbed tasks' ends are told",
    );
    for (const { id } of this.#book.running()) this.#framework.kill(id);
    await this.#until(() => this.#book.open().length === 0, "all tasks are killed");
    const { all, alive } = (this.#decoyCount = this.#decoys.count());
    if (alive < all) this.problems.push(`${all - alive} of ${all} decoys were killed`);
  }

  async end(): Promise<void> {
    this.#framework.close();
    this.#decoys.end();
    await this.#agent.endTasks();
    await this.#master.kill();
  }

  outcome(): AgentOutcome {
    return {
      kills: this.#asked.kills,
      tasks: this.#book.entries.size,
      ends: this.#book.ends(),
      decoys: this.#decoyCount,
      startMs: this.#startMs,
      problems: this.problems,
    };
  }

  /** It writes down that it has begun: whoever is begun twice is seen. */
  #launch(exitCode: number | undefined, inContainer: boolean): void {
    const id = `task-${++this.#number}`;
    const rest =
      exitCode === undefined ? "exec sleep 1000000" : `sleep 0.${this.#asked.random.below(9)}; exit ${exitCode}`;
    const note = inContainer ? "echo begun" : `echo "${id} $$" >> ${this.#beginnings}`;
    this.#framework.launch(id, `${note}; ${rest}`, exitCode, inContainer ? this.#image : undefined);
  }

  #replaceOne(): void {
    const running = this.#book.running().filter(({ exitCode, isKilled }) => exitCode === undefined && !isKilled);
    if (running.length === 0) return;
    this.#framework.kill(running[this.#asked.random.below(running.length)]!.id);
    this.#launch(undefined, false);
  }

  get #beginnings(): string {
    return join(this.#dir, "begun");
  }

  #readBeginnings(): void {
    const pids = new Map<string, number[]>();
    const text = existsSync(this.#beginnings) ? readFileSync(this.#beginnings, "utf8") : "";
    for (const [id = "", pid] of text.split("\n").map((line) => line.split(" ")))
      pids.set(id, [...(pids.get(id) ?? []), Number(pid)]);
    for (const [id, inside] of this.#outputs()) pids.set(id, [...(pids.get(id) ?? []), ...inside]);
    for (const entry of this.#book.entries.values()) entry.begun = pids.get(entry.id) ?? [];
  }

  /** Of tasks in containers, by what they said in all their sandboxes; the pid is not known. */
  *#outputs(): Generator<[string, number[]]> {
    const work = join(this.#dir, "agent", "work");
    for (const path of readdirSync(work, { recursive: true, encoding: "utf8" })) {
      const [, id] = /executors\/([^/]+)\/runs\/(?!latest)[^/]+\/stdout$/.exec(path) ?? [];
      if (id === undefined) continue;
      const said = readFileSync(join(work, path), "utf8").split("\n");
      yield [id, said.filter((line) => line === "begun").map(() => 0)];
    }
  }

  /** Whoever runs, as far as the framework knows, has the process with which it began. */
  #comparePids(): void {
    this.#readBeginnings();
    for (const { id, begun, exitCode, isKilled } of this.#book.running()) {
      const pid = begun[0];
      if (exitCode !== undefined || isKilled || pid === undefined || pid === 0) continue;
      if (!existsSync(`/proc/${pid}`)) this.problems.push(`${id} is told to run, and its process ${pid} is gone`);
    }
  }

  #openText(): string {
    const ending = this.#book.open().filter(({ exitCode, isKilled }) => exitCode !== undefined || isKilled);
    const each = ending.map((entry) => `${entry.id} ${stateOf(entry)}${entry.isKilled ? " and killed" : ""}`);
    return `${this.#framework.waiting} tasks wait for an offer; ${each.join(", ")}`;
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    for (let look = 1; !isSo(); look++) {
      // Nobody who is left could make it so.
      const gone = this.#agent.end ?? this.#master.end;
      if (gone !== undefined) throw new Error(`${what} is waited for, but ${gone}`);
      if (Date.now() > endMs)
        return void this.problems.push(`not within ${PATIENCE_MS / 1000} s: ${what}; ${this.#openText()}`);
      await sleep(50);
      if (look % 40 === 0) this.#framework.reconcile();
    }
  }
}
