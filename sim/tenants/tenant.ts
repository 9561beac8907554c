import type { Violation } from "../checkers/violation.ts";
import type { SimAgent } from "../world/agent.ts";
import type { Doors } from "../world/door.ts";
import type { FrameworkProcess } from "../world/framework.ts";
import type { Several, SimMaster } from "../world/master.ts";
import type { Network } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** A framework of the house that lives in the cluster, with the people who use it and the checkers that watch it. */
export interface Tenant {
  readonly framework: FrameworkProcess;
  /** The process is started, and people begin to use it. */
  start(): void;
  /** People want nothing new any more; what can never come to rest they change. */
  rest(): void;
  /** All faults have healed, and it has had time: all that is wanted is there, and nothing else. Throws. */
  checkRest(): void;
  /** Everything is to go. */
  wipe(): void;
  /** Nothing is wanted any more, and nothing is left. Throws. */
  checkEmpty(): void;
  /** A task begins on a machine, of whomever. Throws when it must not. */
  started(frameworkId: string, taskId: string, agent: SimAgent): void;
  /** Whether the volume's data may go now; undefined when it is none of its own. */
  mayErase(persistenceId: string): boolean | undefined;
  /** The master's state has changed. */
  looked(): void;
}

/** The cluster that a tenant lives in. */
export interface House {
  readonly world: World;
  readonly doors: Doors;
  readonly network: Network;
  readonly master: SimMaster;
  readonly agents: readonly SimAgent[];
  /** Where and how the processes of a framework contend, if it is to have several. */
  readonly several?: Several | undefined;
  /** Whether somebody sets limits and takes agents out. */
  readonly isOperated: () => boolean;
  /** Does a check where no exception may be thrown: one is told as `fail` is. */
  readonly guard: (check: () => void) => void;
  /** A promise was broken, where no exception may be thrown. */
  readonly fail: (violation: Violation | Error) => void;
}
