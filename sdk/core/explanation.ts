/**
 * Why a framework gets no offers: the answer of the master's `/explain?framework_id=`. Times in seconds since 1970, amounts in
 * the wire's units.
 */
export interface Explanation {
  readonly framework_id: string;
  readonly name?: string;
  readonly connection: string;
  readonly active: boolean;
  /** One sentence that says the commonest reason. */
  readonly summary: string;
  readonly roles: readonly RoleExplanation[];
}

export interface RoleExplanation {
  readonly role: string;
  readonly suppressed: boolean;
  readonly weight: number;
  /** What orders the role among its siblings: 0 to 1 for weight 1, less goes first. */
  readonly dominant_share: number;
  readonly last_offer_time?: number;
  readonly last_use_time: number;
  readonly quota?: {
    readonly role: string;
    readonly guarantees: Amounts;
    readonly limits: Amounts;
    readonly consumed: Amounts;
  };
  /** How many agents stand under each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly agents: readonly AgentExplanation[];
}

export interface AgentExplanation {
  readonly agent_id: string;
  readonly hostname: string;
  readonly reason: string;
  /** The reason as a sentence. */
  readonly why: string;
  /** What else is in the way: it would hold the offer back if the first reason were gone. */
  readonly also?: readonly { readonly reason: string; readonly why: string }[];
  readonly free: Amounts;
  readonly filter?: { readonly until_time: number; readonly refused: Readonly<Record<string, number | string>> };
  readonly holders?: readonly { readonly framework_id: string; readonly role: string; readonly quantities: Amounts }[];
  readonly constraint?: string;
  readonly offerable?: Amounts;
}

/** By resource name. */
export type Amounts = Readonly<Record<string, number>>;
