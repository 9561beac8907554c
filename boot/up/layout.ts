import { join } from "node:path";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Settings } from "../flags.ts";
import type { ChosenPorts, Wish } from "./addresses.ts";
import { etcdStore, etcdWishes } from "./etcd.ts";
import { areInEtcd, type Kept } from "./kept.ts";
import { detectMachine, shareOf } from "./machine.ts";
import type { Part } from "./supervise.ts";

const MASTER_PORT = 5050;
const INIT_PORT = 8080;
const CHRONOS_PORT = 4400;
const METRONOME_PORT = 9000;

/** The network that agents have unless they are told of others, so that bridge mode works at once. */
const BRIDGE = ["--bridge-name", "meseta"];

/** What `up` prints when all is there, for programs. */
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

/** Which processes a cluster of `up` has, on which ports, and how each is started. */
export class Layout {
  readonly #dir: string;
  readonly #kept: Kept;
  readonly #settings: Settings;

  constructor(dir: string, kept: Kept, settings: Settings) {
    this.#dir = dir;
    this.#kept = kept;
    this.#settings = settings;
  }

  get ip(): string {
    return this.#kept.ip;
  }

  get hasEtcd(): boolean {
    return areInEtcd(this.#kept);
  }

  /** The ports that its parts would like to have; `etcd`: whether one runs, if only for a while. */
  wishes(etcd: boolean): Wish[] {
    const masters = this.#masterNames;
    const first = Number(this.#settings["master-port"] ?? MASTER_PORT);
    return [
      ...masters.map((part, i) => ({ part, port: first + i })),
      ...this.#agentNames.map((part, i) => ({ part, port: MASTER_PORT + masters.length + i })),
      ...(etcd ? etcdWishes() : []),
      ...(this.#hasInit ? [{ part: "init", port: INIT_PORT }] : []),
      ...(this.#hasCron
        ? [
            { part: "chronos", port: CHRONOS_PORT },
            { part: "metronome", port: METRONOME_PORT },
          ]
        : []),
    ];
  }

  masters(ports: ChosenPorts): Part[] {
    return this.#masterNames.map((name) => {
      const place = ["--port", String(ports[name]), "--dir", join(this.#dir, name), ...this.#store(ports)];
      return this.#part(name, ["master", ...place, "--cluster", "meseta"]);
    });
  }

  /** Each with its share of this machine, unless it was said what each has. */
  agents(ports: ChosenPorts): Part[] {
    const { resources, ports: block, agents: count } = this.#kept;
    return this.#agentNames.map((name, i) => {
      const place = ["--port", String(ports[name]), "--dir", join(this.#dir, name), "--hostname", this.ip];
      const share = resources ?? shareOf(detectMachine(this.#dir, block), i, count);
      const root = process.getuid?.() === 0 ? ["--root-tasks"] : [];
      return this.#part(name, ["agent", ...this.#masterList(ports), ...place, "--resources", share, ...root]);
    });
  }

  init(ports: ChosenPorts): Part | undefined {
    if (!this.#hasInit) return;
    const place = ["--port", String(ports["init"]), "--dir", join(this.#dir, "init"), ...this.#store(ports)];
    return this.#part("init", ["init", ...this.#masterList(ports), ...place, ...BRIDGE]);
  }

  cron(ports: ChosenPorts): Part | undefined {
    if (!this.#hasCron) return;
    const listening = ["--port", String(ports["chronos"]), "--metronome-port", String(ports["metronome"])];
    const place = [...listening, "--dir", join(this.#dir, "cron"), ...this.#store(ports)];
    return this.#part("cron", ["cron", ...this.#masterList(ports), ...place, ...BRIDGE]);
  }

  describe(ports: ChosenPorts): Ready {
    const url = (part: string): string => `http://${hostAndPort(this.ip, ports[part]!)}`;
    return {
      event: "ready",
      v: 1,
      dir: this.#dir,
      store: this.hasEtcd ? `${etcdStore(ports)}/master` : `sqlite:${join(this.#dir, "master", "store.db")}`,
      master: url("master"),
      masters: this.#masterNames.map(url),
      agents: this.#agentNames.map(url),
      init: this.#hasInit ? url("init") : null,
      chronos: this.#hasCron ? url("chronos") : null,
      metronome: this.#hasCron ? url("metronome") : null,
      ui: null,
    };
  }

  /** The first one is called as where there is but one. */
  get #masterNames(): string[] {
    return Array.from({ length: this.#kept.masters ?? 1 }, (_, i) => (i === 0 ? "master" : `master-${i + 1}`));
  }

  get #agentNames(): string[] {
    return Array.from({ length: this.#kept.agents }, (_, i) => `agent-${i + 1}`);
  }

  get #hasInit(): boolean {
    return this.#settings["no-init"] !== "true";
  }

  get #hasCron(): boolean {
    return this.#settings["no-cron"] !== "true";
  }

  #masterList(ports: ChosenPorts): string[] {
    return ["--master", this.describe(ports).masters.join(",")];
  }

  /** Where several masters are, init and cron have their records in the same etcd. */
  #store(ports: ChosenPorts): string[] {
    return this.hasEtcd ? ["--store", etcdStore(ports)] : [];
  }

  #part(name: string, args: string[]): Part {
    const common = ["--ip", this.ip, "--log-level", this.#settings["log-level"]!];
    if (this.#settings["insecure"] === "true") common.push("--insecure");
    const logFile = join(this.#dir, "logs", `${name}.log`);
    return { name, args: [...args, ...common, "--log-file", logFile], logFile };
  }
}
