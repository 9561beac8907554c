import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Program, ProgramResult, Programs } from "../launch/programs.ts";

const namespaceProgram = fileURLToPath(new URL("namespace.pl", import.meta.url));

/** Runs programs as children of the test, if asked in a network namespace. */
export class SpawnedPrograms implements Programs {
  readonly #namespace: string | undefined;
  readonly ran: Program[] = [];
  readonly children = new Map<number, ChildProcess>();

  constructor(namespace?: string) {
    this.#namespace = namespace;
  }

  /** Programs that this says yes to do not run, and fail. */
  refuse: (program: Program) => boolean = () => false;

  run(program: Program): Promise<ProgramResult> {
    this.ran.push(program);
    if (this.refuse(program)) return Promise.resolve({ waitStatus: 256, stdout: "", stderr: "refused" });
    const { signal } = program;
    const inside = this.#namespace === undefined ? [] : ["nsenter", `--net=${this.#namespace}`];
    const [file = "", ...rest] = [...inside, program.file, ...program.arguments];
    return new Promise((resolve, reject) => {
      const child = spawn(file, rest, {
        env: program.environment ?? { PATH: process.env["PATH"] },
        ...(signal && { signal }),
      });
      if (child.pid !== undefined) this.children.set(child.pid, child);
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (bytes) => (stdout += bytes));
      child.stderr.on("data", (bytes) => (stderr += bytes));
      child.once("error", reject);
      child.once("close", () => this.children.delete(child.pid ?? 0));
      child.once("close", (code, signal) => resolve({ waitStatus: signal ? 9 : (code ?? 0) << 8, stdout, stderr }));
      child.stdin.on("error", () => {}).end(program.input ?? "");
    });
  }

  /** Runs it, and kills it and what it has started somewhere in the middle. */
  async cut(program: Program): Promise<void> {
    const done = this.run(program);
    const [child] = [...this.children.values()].slice(-1);
    // A plugin needs some 30 ms.
    const timer = setTimeout(() => killGroup(child!), Math.random() * 40);
    await done;
    clearTimeout(timer);
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    for (const child of this.children.values()) await new Promise((resolve) => child.once("close", resolve));
  }
}

/**
 * Programs of an agent that dies: at the step `last` it is killed before, amid or after the program, and nothing that it asked for is
 * answered from then on.
 */
export class MortalPrograms implements Programs {
  readonly #programs: SpawnedPrograms;
  readonly #last: number;
  readonly #when: "before" | "amid" | "after";
  readonly #die = Promise.withResolvers<void>();
  #steps = 0;

  constructor(programs: SpawnedPrograms, last: number, when: "before" | "amid" | "after") {
    this.#programs = programs;
    this.#last = last;
    this.#when = when;
  }

  /** Resolves with the agent's end. */
  get death(): Promise<void> {
    return this.#die.promise;
  }

  async run(program: Program): Promise<ProgramResult> {
    const step = ++this.#steps;
    if (step < this.#last) return this.#programs.run(program);
    if (step === this.#last) {
      if (this.#when === "amid") await this.#programs.cut(program);
      if (this.#when === "after") await this.#programs.run(program);
      this.#die.resolve();
    }
    return new Promise(() => {});
  }
}

/** A network namespace that stands for a machine: what happens to its links and its rules touches no other test. */
export class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "meseta-network-"));
  readonly namespace = join(this.dir, "machine");
  readonly programs = new SpawnedPrograms(this.namespace);
  readonly #namespaces: string[] = [];

  static async make(): Promise<Machine> {
    const machine = new Machine();
    await machine.another("machine");
    // A new namespace has the setting of the real machine, where another cluster may forward just now.
    await machine.shell("echo 0 > /proc/sys/net/ipv4/ip_forward");
    return machine;
  }

  /** One more namespace, at this name below `dir`. */
  async another(name: string): Promise<void> {
    this.#namespaces.push(join(this.dir, name));
    await perl("make", join(this.dir, name));
  }

  /** Runs a shell script there; resolves with what it printed. Rejects when it fails. */
  async shell(script: string, namespace = this.namespace): Promise<string> {
    const done = await new SpawnedPrograms(namespace).run({ file: "/bin/sh", arguments: ["-ec", script] });
    if (done.waitStatus !== 0) throw new Error(`${script}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  /** The text that a server at this address says; throws its error when it cannot be reached. */
  hear(address: string, port: number, namespace = this.namespace): Promise<string> {
    const script = `use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => '${address}', PeerPort => ${port}) or die "$!\\n"; print while <$s>;`;
    return this.shell(`exec perl -e '${script.replaceAll("'", "'\\''")}'`, namespace);
  }

  /** A server in a namespace that says `text` to everybody until `close`. Resolves when it listens. */
  async serve(namespace: string, port: number, text: string, address = "0.0.0.0"): Promise<Server> {
    return this.#listen(namespace, port, address, `print $c "${text}"; close $c`);
  }

  /** A server of HTTP that has one answer. */
  async web(namespace: string, port: number, answer: string): Promise<Server> {
    return this.#listen(namespace, port, "127.0.0.1", `sysread $c, my $asked, 4096; print $c "${answer}"; close $c`);
  }

  /** A server that says to each what it has heard from it. */
  async echo(namespace: string, port: number): Promise<Server> {
    const words = "my $all = ''; 1 while sysread $c, $all, 65536, length $all; print $c $all; close $c; exit";
    return this.#listen(namespace, port, "127.0.0.1", `next if fork; ${words}`);
  }

  async #listen(namespace: string, port: number, address: string, answer: string): Promise<Server> {
    const script = `$| = 1; $SIG{CHLD} = 'IGNORE'; use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalAddr => '${address}', LocalPort => ${port}, Listen => 99, ReuseAddr => 1) or die "$@\\n"; print "ready"; while (my $c = $l->accept) { ${answer} }`;
    const child = spawn("nsenter", [`--net=${namespace}`, "perl", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("close", () => reject(new Error("the server did not start")));
    });
    return { pid: child.pid!, close: () => child.kill("SIGKILL") };
  }

  /** All that may stay behind: links but loopback, rules and chains, forwarding, and the mounts below its folder but its own. */
  async remains(): Promise<string[]> {
    const links = (await this.shell("ip -o link")).split("\n").filter((line) => line && !line.includes(": lo:"));
    const saved = await this.shell("iptables-save");
    const rules = saved.split("\n").filter((line) => /^(-A|:(?!\S+ (ACCEPT|DROP)))/.test(line));
    const forwarding = (await this.shell("cat /proc/sys/net/ipv4/ip_forward")).trim();
    return [...links, ...rules, ...(forwarding === "0" ? [] : ["ip_forward"]), ...this.mounts()];
  }

  mounts(): string[] {
    const all = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return all.filter((line) => line.includes(this.dir) && !this.#namespaces.some((own) => line.includes(`${own} `)));
  }

  folder(name: string): string {
    const path = join(this.dir, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async close(): Promise<void> {
    for (const path of [...this.#namespaces, ...this.mounts().map((line) => line.split(" ")[4]!)])
      await perl("remove", path);
    rmSync(this.dir, { recursive: true });
  }
}

/** A server that runs in a namespace. */
export interface Server {
  readonly pid: number;
  close(): void;
}

// It may have ended just now.
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function perl(verb: string, path: string): Promise<void> {
  const done = await new SpawnedPrograms().run({ file: "perl", arguments: [namespaceProgram, verb, path] });
  if (done.waitStatus !== 0) throw new Error(done.stderr);
}
