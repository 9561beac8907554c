import type { Address, Election } from "../core/ports/election.ts";

/** Who leads: this process, another one whose address is known, or nobody that we know of. */
export type Leader = "self" | Address | undefined;

/** Whether this process leads: from when it was elected until it has lost that; always, where nobody is elected. */
export class Place {
  readonly #election: Election | undefined;
  #leads: boolean;

  constructor(election: Election | undefined) {
    this.#election = election;
    this.#leads = election === undefined;
  }

  get leader(): Leader {
    // Who stood still until its time was over hears of that a moment later.
    return this.#leads && this.#election?.mayAct() !== false ? "self" : this.#election?.leader();
  }

  /** Whether what is known of the leader is so now. */
  get hears(): boolean {
    return this.#election?.hears() ?? true;
  }

  /** For a daemon; undefined where nobody is elected. */
  get mayAct(): (() => boolean) | undefined {
    const election = this.#election;
    return election && (() => election.mayAct());
  }

  /** Resolves when this process may lead, and says `lost` when it may not any more. */
  async take(self: Address, lost: (reason: Error) => void): Promise<void> {
    if (this.#election === undefined) return;
    await this.#election.stand(self);
    this.#leads = true;
    void this.#election.lost.then((reason) => {
      this.#leads = false;
      lost(reason);
    });
  }
}
