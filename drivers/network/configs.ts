import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type NetworkConfig, parseNetwork } from "./config.ts";

const endings = [".conf", ".conflist", ".json"];
const maxBytes = 1 << 20;

/** The networks of a folder, as its files say at each look. A bad file is told once, with its reason, and stops no other. */
export class NetworkConfigs {
  readonly #folder: string;
  readonly #log: (text: string) => void;
  readonly #mark: (network: NetworkConfig) => NetworkConfig;
  #files = new Map<string, ReadFile>();
  #complaint = "";

  /** `mark` adds to a network what no file says. */
  constructor(folder: string, log: (text: string) => void, mark = (network: NetworkConfig) => network) {
    this.#folder = folder;
    this.#log = log;
    this.#mark = mark;
  }

  /** By name. Of two files with one name the first in the order of file names counts. */
  read(): ReadonlyMap<string, NetworkConfig> {
    const before = this.#files;
    this.#files = new Map();
    const networks = new Map<string, NetworkConfig>();
    for (const name of this.#list()) this.#take(name, before.get(name), networks);
    return networks;
  }

  #list(): string[] {
    try {
      const names = readdirSync(this.#folder).filter((name) => endings.some((ending) => name.endsWith(ending)));
      this.#complaint = "";
      return names.sort();
    } catch (error) {
      const complaint = `networks cannot be read: ${(error as Error).message}`;
      if (complaint !== this.#complaint) this.#log(complaint);
      this.#complaint = complaint;
      return [];
    }
  }

  #take(name: string, before: ReadFile | undefined, networks: Map<string, NetworkConfig>): void {
    const file = readFile(join(this.#folder, name), before);
    let complaint = file.wrong;
    if (file.network && networks.has(file.network.name))
      complaint = `network "${file.network.name}" is in a file before it`;
    else if (file.network) networks.set(file.network.name, this.#mark(file.network));
    if (complaint && complaint !== before?.told) this.#log(`${join(this.#folder, name)} is not used: ${complaint}`);
    this.#files.set(name, { ...file, told: complaint });
  }
}

interface ReadFile {
  /** Changes with the file. */
  readonly mark: string;
  readonly network?: NetworkConfig | undefined;
  readonly wrong?: string | undefined;
  readonly told?: string | undefined;
}

function readFile(path: string, before: ReadFile | undefined): ReadFile {
  let mark = "";
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    mark = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    if (before?.mark === mark) return before;
    if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    return { mark, network: parseNetwork(readFileSync(path, "utf8")) };
  } catch (error) {
    return { mark, wrong: (error as Error).message };
  }
}
