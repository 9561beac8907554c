import { createHash } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TMPFS_MAGIC = 0x01021994;
const places = ["/run", "/dev/shm"];

/**
 * Secrets on their way into containers: files on a tmpfs that only root can enter, there until their container has started and has them
 * mounted. They are never on a disk, in a command line or in a record.
 */
export class Secrets {
  readonly #dir: string | undefined;

  /** `agentDir` tells one agent's from another's. */
  constructor(agentDir: string) {
    const place = places.find((path) => existsSync(path) && statfsSync(path).type === TMPFS_MAGIC);
    const name = createHash("sha256").update(agentDir).digest("hex").slice(0, 12);
    this.#dir = place && join(place, `meseta-secrets-${name}`);
  }

  /**
   * Writes one (base64), readable by this uid of the machine alone; its path. Throws where no tmpfs is mounted on /run or /dev/shm.
   */
  put(id: string, at: number, content: string, uid: number, gid: number): string {
    if (this.#dir === undefined) throw new Error("this machine has no tmpfs on /run or /dev/shm for secrets");
    const folder = join(this.#dir, id);
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, String(at));
    writeFileSync(path, Buffer.from(content, "base64"), { mode: 0o400, flag: "wx" });
    chownSync(path, uid, gid);
    return path;
  }

  /** The container has them, or will never have: the files go, and what is mounted stays readable inside. */
  remove(id: string): void {
    if (this.#dir === undefined) return;
    rmSync(join(this.#dir, id), { recursive: true, force: true });
    if (existsSync(this.#dir) && readdirSync(this.#dir).length === 0)
      rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Removes those of all containers but these. */
  sweep(known: ReadonlySet<string>): void {
    const all = this.#dir !== undefined && existsSync(this.#dir) ? readdirSync(this.#dir) : [];
    for (const id of all) if (!known.has(id)) this.remove(id);
  }
}
