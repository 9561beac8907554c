import { hostAndPort } from "@meseta/lib/core/address.ts";
import { type Known, LOOK_MS, looksFor } from "@meseta/lib/io/leader-watch.ts";
import type { MasterHands } from "./master-hands.ts";
import type { MasterLife } from "./master-process.ts";
import { MASTER_PORT } from "./masters.ts";
import type { End } from "./network.ts";
import type { Wire } from "./wire.ts";

interface Watcher {
  readonly end: End;
  readonly leader: string;
  looks: number;
}

/** The front of one of several masters: the leader's hands take what comes, once its records are loaded; others say who leads (307), or that nobody does (503). */
export class Standby {
  readonly #life: MasterLife;
  readonly #hands: () => MasterHands | undefined;
  readonly #watchers = new Set<Watcher>();
  #looking = false;

  constructor(life: MasterLife, hands: () => MasterHands | undefined) {
    this.#life = life;
    this.#hands = hands;
  }

  accept(end: End, from: string): void {
    end.onMessage = (wire) => this.#life.run(() => this.#heard(end, from, wire));
  }

  #heard(end: End, from: string, wire: Wire): void {
    if (wire.kind === "standby-watch") return this.#stand(end);
    if (wire.kind === "leader-watch") return this.#watch(end, wire.leader);
    const hands = this.#hands();
    if (!this.#life.leads || hands === undefined) return this.#refuse(end, wire);
    hands.accept(end, from);
    end.onMessage(wire);
  }

  #stand(end: End): void {
    if (this.#life.leads) return end.send({ kind: "opened", headers: {} });
    end.send({ kind: "refused", status: 503, text: "Somebody else leads, or nobody" });
    end.close();
  }

  #refuse(end: End, wire: Wire): void {
    const leader = this.#life.leads ? undefined : this.#life.election?.leader();
    const answer =
      leader === undefined
        ? { status: 503, text: this.#life.leads ? "Master has not finished recovery" : "No leader elected" }
        : { status: 307, text: "", location: `//${hostAndPort(leader.hostname, leader.port)}` };
    if (wire.kind === "call") end.send({ kind: "answer", request: wire.request, ...answer });
    if (wire.kind !== "subscribe") return;
    end.send({ kind: "refused", ...answer });
    end.close();
  }

  #watch(end: End, leader: string): void {
    const watcher: Watcher = { end, leader, looks: 0 };
    this.#watchers.add(watcher);
    end.onClose = () => this.#watchers.delete(watcher);
    if (this.#looking) return;
    this.#looking = true;
    void this.#look();
  }

  async #look(): Promise<void> {
    while (this.#watchers.size > 0) {
      await this.#life.wait(LOOK_MS * LEISURE);
      const known = this.#known();
      const leader = known && hostAndPort(known.leader.hostname, known.leader.port);
      for (const watcher of this.#watchers) {
        watcher.looks = leader === undefined || leader === watcher.leader ? 0 : watcher.looks + 1;
        if (known === undefined || watcher.looks < looksFor(known)) continue;
        this.#watchers.delete(watcher);
        watcher.end.send({ kind: "led-by", leader: known.leader.hostname });
      }
    }
    this.#looking = false;
  }

  /** Who leads and can be asked. */
  #known(): Known | undefined {
    if (this.#life.leads && this.#life.election?.mayAct() !== false) {
      const leader = { hostname: this.#life.place, port: MASTER_PORT };
      return this.#hands() === undefined ? undefined : { leader, isSelf: true };
    }
    const { election } = this.#life;
    const leader = election?.leader();
    return leader && election!.hears() ? { leader, isSelf: false } : undefined;
  }
}

/** Looking costs steps: it is done less often than in production. */
const LEISURE = 10;
