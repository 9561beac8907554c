import { join } from "node:path";
import { compareReplicas } from "@meseta/drivers/store/etcd/replicas.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { ChosenPorts } from "./addresses.ts";
import { type EtcdMember, etcdMembers, hasLog } from "./etcd.ts";
import { watchEnds } from "./etcd-damage.ts";
import { renew } from "./etcd-renew.ts";
import type { Part, Supervised } from "./supervise.ts";

/** How long a member may take to end before it is killed. */
const GRACE_MS = 20_000;
/** Where a member keeps all keys, beneath its folder. */
const DATABASE = "member/snap/db";

/** What the etcd of a cluster needs of who runs it. */
export interface Runner {
  supervise(part: Part): Supervised;
  /** Told of what was damaged, and what became of it. */
  say(line: string): void;
}

/**
 * The etcd that `up` runs for several masters. Before anything reads from it, each member's records are looked at: etcd tells of a log that is damaged, and what its
 * database holds is compared with the others'. One that is damaged or gone is put aside and made anew from those that are not, as long as these are more than half.
 */
export class LocalEtcd {
  readonly #members: readonly EtcdMember[];
  readonly #runner: Runner;
  readonly #running = new Map<string, Supervised>();

  constructor(dir: string, ports: ChosenPorts, runner: Runner) {
    this.#members = etcdMembers(dir, ports);
    this.#runner = runner;
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /**
   * Resolves when all members serve, and hold the same. `counts`: there were records in it. Rejects with `damaged-state`, which names what is damaged, when too few are left: then
   * nothing of theirs was put aside.
   */
  async start(counts: boolean): Promise<void> {
    const there = this.#members.filter(hasLog);
    const isBegun = this.#isMost(there.length);
    if (!isBegun && !counts) return this.#startAll(this.#members).then(this.#refuse);
    const damaged = new Map<EtcdMember, string>();
    for (const member of this.#members) if (!there.includes(member)) damaged.set(member, "there is no log of it");
    this.#checkMost(damaged);
    for (const [member, why] of await this.#startAll(there)) damaged.set(member, why);
    this.#checkMost(damaged);
    for (const [member, why] of await this.#compared()) damaged.set(member, why);
    this.#checkMost(damaged);
    for (const [member, why] of damaged) await this.#makeAnew(member, why);
    if (damaged.size > 0) this.#refuse(await this.#compared());
  }

  /** Resolves when all processes are gone. */
  async stop(): Promise<void> {
    // One after the other: the one that leads hands that over when it ends, and waits 6 s for an answer where all end at once.
    for (const one of this.#running.values()) await one.stop("leave-tasks", GRACE_MS);
    this.#running.clear();
  }

  /** Starts them, and gives those that cannot begin on their records, as soon as the others serve or cannot either. Rejects with what else keeps one from starting. */
  async #startAll(members: readonly EtcdMember[]): Promise<Map<EtcdMember, string>> {
    const damaged = new Map<EtcdMember, string>();
    await new Promise<void>((resolve, reject) => {
      let open = members.length;
      for (const member of members)
        this.#startOne(member)
          .then((why) => {
            if (why !== undefined) damaged.set(member, why);
            if (--open === 0 || !this.#isMost(members.length - damaged.size)) resolve();
          })
          .catch(reject);
    });
    return damaged;
  }

  /** Gives what its records ended it with, if they did. */
  async #startOne(member: EtcdMember): Promise<string | undefined> {
    const ended = watchEnds(member);
    const running = this.#runner.supervise(member.part);
    this.#running.set(member.part.name, running);
    try {
      await running.start();
      return undefined;
    } catch (error) {
      const why = ended();
      if (why === undefined) throw error;
      await this.#stopOne(member);
      return why;
    }
  }

  /** Those that hold something else than most, or end when they are asked what they hold. */
  async #compared(): Promise<Map<EtcdMember, string>> {
    const asked = this.#members
      .filter(({ part }) => this.#running.has(part.name))
      .map((member) => ({ ...member, member, ended: watchEnds(member) }));
    const hosts = asked.map(({ host }) => host);
    const { same, different, silent, revision } = await compareReplicas(hosts, { of: this.#members.length });
    const others = asked.filter(({ host }) => same.includes(host)).map(({ part }) => part.name);
    const held = others.length === 0 ? "each holds something else" : `${others.join(" and ")} hold something else`;
    const damaged = new Map<EtcdMember, string>();
    for (const { member, host, folder, ended } of asked) {
      if (different.includes(host)) damaged.set(member, `${join(folder, DATABASE)}: at revision ${revision} ${held}`);
      const why = silent.some((one) => one.host === host) ? ended() : undefined;
      if (why !== undefined) damaged.set(member, why);
    }
    return damaged;
  }

  async #makeAnew(member: EtcdMember, why: string): Promise<void> {
    const { name } = member.part;
    await this.#stopOne(member);
    const others = this.#members.filter((one) => one !== member && this.#running.has(one.part.name));
    const { fresh, aside } = await renew(member, others);
    const running = this.#runner.supervise(fresh.part);
    this.#running.set(name, running);
    await running.start();
    const kept = aside === undefined ? "" : `; what was there is in ${aside}`;
    this.#runner.say(`${name} is damaged (${member.folder}: ${why}): it was made anew from the other members${kept}`);
  }

  async #stopOne({ part: { name } }: EtcdMember): Promise<void> {
    const running = this.#running.get(name);
    this.#running.delete(name);
    await running?.stop("leave-tasks", GRACE_MS);
  }

  #checkMost(damaged: ReadonlyMap<EtcdMember, string>): void {
    if (!this.#isMost(this.#members.length - damaged.size)) this.#refuse(damaged);
  }

  readonly #refuse = (damaged: ReadonlyMap<EtcdMember, string>): void => {
    if (damaged.size === 0) return;
    const each = [...damaged].map(([{ folder }, why]) => `${folder}: ${why}`);
    throw new Failure("damaged-state", {
      file: [...damaged.keys()].map(({ folder }) => folder).join(", "),
      why: `${each.join("; ")}. More than half of the members must be whole to make one anew`,
      again: "put back a backup, as docs/operate/stores.md says under “When a member of etcd is damaged”",
    });
  };

  #isMost(count: number): boolean {
    return count * 2 > this.#members.length;
  }
}
