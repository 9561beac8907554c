import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { roleProblem } from "@meseta/api/mesos/resources/roles.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { MasterClient } from "@meseta/sdk/operator/master.ts";
import { INIT_BOUNDS } from "../core/bounds.ts";
import type { InitState } from "../core/state.ts";

/** A definition rarely names more; each costs the master a run of its allocator. */
const MOST_ROLES = INIT_BOUNDS.previewedRoles.most;
/** A plan is shown without places rather than late. */
const PATIENCE_MS = INIT_BOUNDS.previewMs.most;

/** What init would be offered, for dry runs. */
export class Previews {
  readonly #masters: readonly string[];
  readonly #state: () => InitState;
  #client: MasterClient | undefined;

  constructor(masters: readonly string[], state: () => InitState) {
    this.#masters = masters;
    this.#state = state;
  }

  /** The offers for each role that init has or that the body names, one role as if there were no other; undefined when no master says it in time. */
  async offersFor(body: string): Promise<Offer[] | undefined> {
    const { master, config } = this.#state();
    if (master.frameworkId === undefined || this.#masters.length === 0) return undefined;
    const id = { value: master.frameworkId };
    const roles = new Set([config.definitions.defaultRole, ...rolesIn(body), ...master.roles]);
    this.#client ??= connectMaster(this.#masters);
    const asked = [...roles].slice(0, MOST_ROLES).map((role) => this.#client!.previewOffers(id, [role]));
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS, undefined).unref());
    return Promise.race([Promise.all(asked).then((all) => all.flat()), late]).catch(() => undefined);
  }

  close(): void {
    this.#client?.close();
  }
}

/** Whatever a body says to be a role and could be one, however deep: one too many does no harm. */
export function rolesIn(body: string): string[] {
  const words = [...body.matchAll(/"role"\s*:\s*"([^"\\]{1,255})"/g)].map(([, role]) => role!);
  return words.filter((role) => roleProblem(role) === undefined);
}
