// For tests: hostile programs in real containers, each tried on a set-up that lets it succeed and on those that agents have.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { OciRoom } from "@meseta/drivers/container/oci/oci.rig.ts";
import { isRunning } from "@meseta/drivers/container/room.ts";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runByHand, type WeakBundle } from "./weak-bundle.rig.ts";

/** One way out of a container, or into another. */
export interface Attempt {
  /** What it is after, with the name under which it became known. */
  readonly name: string;
  /** Perl that runs inside, with `call` for system calls by name (0, or the error's number). */
  readonly perl?: (scene: Scene) => string;
  /** Or a text for the shell. */
  readonly shell?: (scene: Scene) => string;
  /** What is on the machine beforehand, apart from the secret. A function that it gives back is called at the end. */
  readonly prepare?: (scene: Scene) => unknown;
  /** What the task asks for in every set-up. */
  readonly wish?: (spec: ContainerSpec, scene: Scene) => ContainerSpec;
  /** The same container without what stops it, or a bundle that no driver wrote. */
  readonly weak: ((spec: ContainerSpec, scene: Scene) => ContainerSpec) | WeakBundle;
  readonly achieved: (evidence: Evidence) => boolean | Promise<boolean>;
}

/** Where an attempt is made. */
export interface Scene {
  readonly id: string;
  readonly weak: boolean;
  /** A folder of the machine that no container is given, with the file `secret`, for root alone. */
  readonly dir: string;
  /** The topmost layer of its image, which is empty. */
  readonly layer: string;
  /** On the machine; /sandbox inside. */
  readonly sandbox: string;
  /** What the file says. */
  readonly secret: string;
  /** A process of root on the machine, outside all containers, with the secret in its environment. */
  readonly neighbour: number;
}

export interface Evidence extends Scene {
  /** All that the attempt wrote; of a container that was refused or ended, the reason. */
  readonly said: string;
  readonly neighbourLives: boolean;
}

type Weakening = (spec: ContainerSpec) => ContainerSpec;

/** The same container, set apart otherwise. */
export function isolated(more: Partial<Isolation>): Weakening {
  return (spec) => ({ ...spec, isolation: { ...spec.isolation!, ...more } });
}

export const privileged = isolated({ privileged: true });
export const withMachinesProcesses = isolated({ privileged: true, pidNamespace: "agent" });
export const withCapability = (...names: string[]): Weakening =>
  isolated({ seccomp: "unconfined", capabilities: { effective: names } });
export const withoutFilter = isolated({ seccomp: "unconfined" });

const setups: readonly (readonly [string, (spec: ContainerSpec) => ContainerSpec])[] = [
  ["root of a user namespace", isolated({ rootAllowed: false })],
  ["root of the machine", (spec) => spec],
];

/** Each attempt succeeds where it may, and fails as root of a user namespace, which is the default, and as root of the machine. */
export function describeAttempts(attempts: readonly Attempt[], room = new EscapeRoom()): void {
  describe.each(["crun", "runc"] as const)("with %s", (runtime) => {
    beforeAll(() => room.begin(runtime));
    afterAll(() => room.clear());
    describe.each(attempts)("$name", (attempt) => {
      test("succeeds on a weak set-up", async () =>
        expect(await room.attempt(attempt, true, setups[1]![1])).toBe(true));
      test.each(setups)("fails as %s", async (_, setup) =>
        expect(await room.attempt(attempt, false, setup)).toBe(false),
      );
    });
  });
}

/** A room with an agent's containers for all attempts of a file. The image is busybox and perl. */
export class EscapeRoom extends OciRoom {
  agent!: Awaited<ReturnType<OciRoom["openOci"]>>;
  #layers: readonly string[] = [];
  #count = 0;

  async begin(runtime: "crun" | "runc"): Promise<void> {
    this.runtime = runtime;
    this.agent = await this.openOci({ diskWatchMs: 50 });
    this.#layers = [perlLayer(join(this.dir, "perl")), this.busybox()];
  }

  /** Makes the attempt; whether it did what it was after. */
  async attempt(attempt: Attempt, weak: boolean, setup: Weakening): Promise<boolean> {
    const { scene, end } = this.#scene(weak);
    const undo = await attempt.prepare?.(scene);
    try {
      const said = await this.#said(attempt, scene, setup);
      return await attempt.achieved({ ...scene, said, neighbourLives: isUnharmed(scene.neighbour) });
    } finally {
      if (typeof undo === "function") undo();
      end();
    }
  }

  async #said(attempt: Attempt, scene: Scene, setup: Weakening): Promise<string> {
    if (scene.weak && typeof attempt.weak === "object") return runByHand(attempt.weak, scene, this.busybox());
    const spec = setup(attempt.wish?.(this.#spec(attempt, scene), scene) ?? this.#spec(attempt, scene));
    const tried = scene.weak && typeof attempt.weak === "function" ? attempt.weak(spec, scene) : spec;
    const said = await this.#run(tried, scene.sandbox);
    // A program that neither came to its end nor was ended for what it did has never been tried.
    expect(said).toMatch(/^(?:refused|limited): |tried\n/m);
    return said;
  }

  async #run(spec: ContainerSpec, sandbox: string): Promise<string> {
    const { containers, heard } = this.agent;
    containers.launch(spec);
    const end = await Promise.race([heard.exited(spec.id), heard.failed(spec.id)]);
    if (end.type === "launch_failed") return `refused: ${end.cause}: ${end.message}`;
    const wrote = readFileSync(`${sandbox}.out`, "utf8");
    return end.limitation ? `${wrote}\nlimited: ${end.limitation.message}` : wrote;
  }

  #spec({ perl, shell }: Attempt, scene: Scene): ContainerSpec {
    const out = `${scene.sandbox}.out`;
    const spec = this.isolated(scene.id, `${shell?.(scene)}\necho tried`);
    return {
      ...spec,
      ...(perl && { command: { file: "/usr/bin/perl", argv: ["perl", "-e", perlText(perl(scene))] } }),
      stdout: out,
      stderr: out,
      isolation: { ...spec.isolation!, sandbox: { host: scene.sandbox, inside: "/sandbox" } },
    };
  }

  #scene(weak: boolean): { scene: Scene; end: () => void } {
    // Also a name for what the whole machine has but once: sockets, shared memory, hierarchies of control groups.
    const id = `attempt-${++this.#count}-${this.dir.split("-").at(-1)}`;
    const secret = `swordfish-${id}`;
    const [dir, layer, sandbox] = ["machine", "layer", "sandbox"].map((name) => join(this.dir, `${name}-${id}`));
    mkdirSync(dir!, { mode: 0o700 });
    for (const folder of [layer!, sandbox!]) mkdirSync(folder);
    this.images.layers = [layer!, ...this.#layers];
    writeFileSync(join(dir!, "secret"), `${secret}\n`, { mode: 0o600 });
    const child = execFileSync("sh", ["-c", "sleep 1000 >/dev/null 2>&1 & echo $!"], {
      env: { PATH: "/usr/bin:/bin", SECRET: secret },
      encoding: "utf8",
    });
    const neighbour = Number(child);
    const end = () => isRunning(neighbour) && process.kill(neighbour, "SIGKILL");
    return { scene: { id, weak, dir: dir!, layer: layer!, sandbox: sandbox!, secret, neighbour }, end };
  }
}

/** Neither dead nor about to be: who is sent SIGKILL may have to wait for a processor to die on. */
function isUnharmed(pid: number): boolean {
  try {
    const pending = readFileSync(`/proc/${pid}/status`, "utf8").matchAll(/^S(?:ig|hd)Pnd:\s+(\w+)$/gm);
    const isKilled = [...pending].some(([, set]) => Number.parseInt(set!, 16) & (1 << (constants.signals.SIGKILL - 1)));
    return isRunning(pid) && !isKilled;
  } catch {
    return false;
  }
}

/** Puts a program of this machine into a layer, with the libraries that it wants. */
export function addProgram(layer: string, program: string): void {
  const libraries = execFileSync("ldd", [program], { encoding: "utf8" }).match(/\/\S+/g)!;
  for (const path of [program, ...libraries]) {
    mkdirSync(join(layer, dirname(path)), { recursive: true });
    copyFileSync(realpathSync(path), join(layer, path));
    chmodSync(join(layer, path), 0o755);
  }
}

// Debian's smallest perl.
function perlLayer(layer: string): string {
  const base = execFileSync("perl", ["-e", "print grep m{perl-base$}, @INC"], { encoding: "utf8" });
  addProgram(layer, "/usr/bin/perl");
  cpSync(base, join(layer, base), { recursive: true });
  return layer;
}

const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: {
    setxattr: 188,
    ptrace: 101,
    syslog: 103,
    acct: 163,
    mount: 165,
    umount2: 166,
    swapon: 167,
    init_module: 175,
    quotactl: 179,
    clock_settime: 227,
    add_key: 248,
    mknodat: 259,
    unshare: 272,
    perf_event_open: 298,
    name_to_handle_at: 303,
    open_by_handle_at: 304,
    setns: 308,
    process_vm_readv: 310,
    bpf: 321,
    userfaultfd: 323,
    io_uring_setup: 425,
    fsopen: 430,
    pidfd_open: 434,
    pidfd_getfd: 438,
  },
  arm64: {
    setxattr: 5,
    mknodat: 33,
    umount2: 39,
    mount: 40,
    quotactl: 60,
    acct: 89,
    unshare: 97,
    init_module: 105,
    clock_settime: 112,
    syslog: 116,
    ptrace: 117,
    add_key: 217,
    swapon: 224,
    perf_event_open: 241,
    name_to_handle_at: 264,
    open_by_handle_at: 265,
    setns: 268,
    process_vm_readv: 270,
    bpf: 280,
    userfaultfd: 282,
    io_uring_setup: 425,
    fsopen: 430,
    pidfd_open: 434,
    pidfd_getfd: 438,
  },
};

/** A whole program of it, also for the machine's own perl. */
export function perlText(text: string): string {
  const table = Object.entries(numbers[process.arch]!).map(([name, number]) => `${name} => ${number}`);
  return `$| = 1; open STDERR, '>&', \\*STDOUT; our %NR = (${table.join(", ")});
sub call { my $name = shift; $! = 0; our $got = syscall($NR{$name}, @_); return $got < 0 ? $! + 0 : 0 }
sub read_file { open my $file, '<', $_[0] or return "$!"; local $/; return <$file> }
sub write_file { open my $file, '>', $_[0] or return "$!"; defined syswrite $file, $_[1] or return "$!"; return 'written' }
${text};
print "\\ntried\\n";`;
}
