/** Where the part that leads can be reached. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
  /** A second port of the same process, where it has one. */
  readonly secondPort?: number | undefined;
}

/**
 * Which of several processes on one store may lead. It keeps those who wait from disturbing the one who leads; that nobody else writes is the
 * store's own work, by its epochs.
 */
export interface Election {
  /**
   * Resolves when this process may open the store and lead. Rejects with StoreFailed when nobody answers to begin with; later it waits for as long
   * as that takes. Once only.
   */
  stand(self: Address): Promise<void>;
  /** Who leads, as far as is known, while this process does not. */
  leader(): Address | undefined;
  /** False while nobody answers who could say that: what was known before is still given. */
  hears(): boolean;
  /** False before this process leads, and for good once another one can. Costs next to nothing: it is asked before each effect. */
  mayAct(): boolean;
  /** Resolves with the reason when this process does not lead any more. */
  readonly lost: Promise<Error>;
  /** Steps down, or stands no longer: another one need not wait for the lease. Never rejects. */
  resign(): Promise<void>;
}
