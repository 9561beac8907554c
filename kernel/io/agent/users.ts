import { readFileSync } from "node:fs";

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Users and groups of this machine, read again when a name is not known. */
export class Users {
  #names = new Map<string, User>();
  #uids = new Map<number, string>();
  #gids = new Map<number, string>();

  constructor() {
    this.#read();
  }

  /** By name or number; undefined when there is none of that name. */
  find(name: string): User | undefined {
    if (!this.#names.has(name)) this.#read();
    const known = this.#names.get(name);
    if (known !== undefined || !/^\d+$/.test(name)) return known;
    const uid = Number(name);
    return { uid, gid: this.#names.get(this.nameOf(uid))?.gid ?? uid };
  }

  /** The name of a user, or its number as text. */
  nameOf(uid: number): string {
    return this.#uids.get(uid) ?? String(uid);
  }

  groupNameOf(gid: number): string {
    return this.#gids.get(gid) ?? String(gid);
  }

  #read(): void {
    for (const [name = "", , uid, gid] of lines("/etc/passwd")) {
      this.#names.set(name, { uid: Number(uid), gid: Number(gid) });
      this.#uids.set(Number(uid), name);
    }
    for (const [name = "", , gid] of lines("/etc/group")) this.#gids.set(Number(gid), name);
  }
}

function lines(path: string): string[][] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}
