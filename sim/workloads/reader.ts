import type { Ledger } from "../checkers/ledger.ts";
import type { SimMaster } from "../world/master.ts";
import type { World } from "../world/world.ts";

const LONGEST_MS = 20_000;

/** Somebody who reads again and again what the operator has set, of whoever believes to lead, and listens to it for a while: reads never go back. */
export class Reader {
  readonly #master: SimMaster;
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #guard: (check: () => void) => void;

  constructor(master: SimMaster, world: World, ledger: Ledger, guard: (check: () => void) => void) {
    this.#master = master;
    this.#world = world;
    this.#ledger = ledger;
    this.#guard = guard;
  }

  start(): void {
    this.#world.after(this.#world.between(500, 10_000), () => this.#read());
  }

  #read(): void {
    const leave = this.#master.listen();
    this.#world.after(this.#world.between(0, LONGEST_MS), leave);
    const before = this.#ledger.possible();
    void this.#master
      .read((state) => this.#ledger.values(state))
      .then((values) => values && this.#guard(() => this.#ledger.checkRead(values, before)));
    this.start();
  }
}
