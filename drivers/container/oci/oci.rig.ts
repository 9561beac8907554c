import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { MemoryFolder } from "@meseta/lib/io/memory-folder.ts";
import { until } from "../../launch/heard.ts";
import type { KindMachine, LaunchedContainers, LaunchedContainersOptions } from "../containers.ts";
import { type HeardContainers, Room } from "../room.ts";
import { OciKind, type OciOptions } from "./kind.ts";
import { machineFacts } from "./machine.ts";
import { PidGroups } from "./pid-groups.ts";
import type { ImageConfig, Images, Networks, ReadyImage } from "./ports.ts";
import { findRuntime, type Runtime } from "./runtime.ts";

/** Ids that the tests give to containers. */
export const testRange = { first: 200_000, count: 65_536 };

/** A room for containers with images: one of busybox is there, and more layers can be put on it. */
export class OciRoom extends Room {
  readonly images = new FolderImages();
  networks: Networks = new NoNetworks();
  options: Partial<OciOptions> = {};
  runtime: Runtime["name"] = "crun";

  #life: LaunchedContainers | undefined;

  /** The containers of a new life of the agent, with the oci kind; the life before lets go. */
  async openOci(more: Partial<LaunchedContainersOptions> = {}) {
    this.build();
    this.images.layers = [this.busybox()];
    this.#life?.close();
    const runtime = await findRuntime(this.runtime, join(this.dir, "probe"));
    if (typeof runtime === "string") throw new Error(runtime);
    const kind = ({ launcher, cgroups }: KindMachine) =>
      new OciKind({
        dir: this.dir,
        runtime,
        images: this.images,
        networks: this.networks,
        pidGroups: new PidGroups(launcher, join(this.dir, "pids")),
        machine: machineFacts(this.runtime, cgroups),
        userNamespaces: { mode: "root", range: testRange },
        backend: "overlay",
        ...this.options,
      });
    const opened = await this.open({ ...more, kinds: async (machine: KindMachine) => [kind(machine)] } as Parameters<
      Room["open"]
    >[0]);
    this.#life = opened.containers;
    return opened;
  }

  /** A container of the busybox image that runs this shell text as root of the machine, which tests of a single isolator change. */
  isolated(id: string, shell: string, isolation: Partial<Isolation> = {}): ContainerSpec {
    const { environment, ...plain } = this.spec(id, shell);
    void environment;
    return {
      ...plain,
      environment: {},
      workingDirectory: "/sandbox",
      isolation: {
        image: { name: "busybox", cached: true },
        sandbox: { host: this.sandbox, inside: "/sandbox" },
        mounts: [],
        network: { kind: "host" },
        rootAllowed: true,
        pidNamespace: "own",
        ...isolation,
      },
    };
  }

  /** Writes a file; the name begins at the sandbox. */
  write(name: string, text: string): void {
    const path = join(this.sandbox, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Runs it to its end; what it said. */
  async said(
    { containers, heard }: { containers: { launch(spec: ContainerSpec): void }; heard: HeardContainers },
    spec: ContainerSpec,
  ): Promise<string> {
    containers.launch(spec);
    const end = await Promise.race([heard.exited(spec.id), heard.failed(spec.id)]);
    if (end.type === "launch_failed") throw new Error(`${end.cause}: ${end.message}`);
    return this.read("stdout") + this.read("stderr");
  }

  busybox(): string {
    const layer = join(this.dir, "busybox");
    if (!existsSync(layer)) makeBusybox(layer);
    return layer;
  }

  /** Resolves when nothing is left of any container: folders go after the end was told. */
  async cleared(): Promise<void> {
    await until(() => this.leftovers().length === 0 && this.images.holders.size === 0);
  }

  /** Where this agent keeps what is on no disk. */
  get memory(): string {
    return new MemoryFolder(this.dir).dir;
  }

  /** What is left on this machine of all containers. */
  leftovers(): string[] {
    const mounts = readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(this.dir));
    const folder = join(this.dir, "containers");
    const containers = existsSync(folder) ? readdirSync(folder).map((one) => join(folder, one)) : [];
    return [...mounts, ...containers, ...(existsSync(this.memory) ? [this.memory] : [])];
  }
}

/** Folders as images: every name is this one. */
class FolderImages implements Images {
  layers: string[] = [];
  config: ImageConfig = {};
  readonly holders = new Set<string>();
  /** Awaited before an image is ready. */
  gate: Promise<void> = Promise.resolve();

  async prepare(_: unknown, holder: string, signal: AbortSignal): Promise<ReadyImage> {
    signal.throwIfAborted();
    this.holders.add(holder);
    await Promise.race([
      this.gate,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ]);
    return { digest: "sha256:0", layers: this.layers, config: this.config };
  }

  release(holder: string): void {
    this.holders.delete(holder);
  }

  async recover(holders: ReadonlySet<string>): Promise<void> {
    for (const one of this.holders) if (!holders.has(one)) this.holders.delete(one);
  }

  async prune(): Promise<void> {}
}

class NoNetworks implements Networks {
  async join(): Promise<never> {
    throw new Error("this machine has no networks");
  }
  async leave(): Promise<void> {}
  async recover(): Promise<void> {}
  async sweep(): Promise<void> {}
  joined(): undefined {}
}

function makeBusybox(layer: string): void {
  for (const name of ["bin", "etc", "tmp", "root"]) mkdirSync(join(layer, name), { recursive: true });
  copyFileSync("/bin/busybox", join(layer, "bin/busybox"));
  const applets = execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
  for (const name of applets) if (name !== "busybox") symlinkSync("busybox", join(layer, "bin", name));
  writeFileSync(join(layer, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n");
  writeFileSync(join(layer, "etc/group"), "root:x:0:\nalice:x:1001:\nmusic:x:2000:alice,bob\n");
}
