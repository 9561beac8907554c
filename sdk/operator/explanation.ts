import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";

/** Why a framework gets no offers: the answer of the master's `/explain?framework_id=`. Times in milliseconds since 1970. */
export interface Explanation {
  readonly frameworkId: string;
  readonly active: boolean;
  readonly roles: readonly RoleExplanation[];
}

export interface RoleExplanation {
  readonly role: string;
  readonly suppressed: boolean;
  readonly lastOfferMs?: number;
  readonly lastUseMs: number;
  /** What orders the role among its siblings: 0 to 1 for weight 1, less goes first. */
  readonly dominantShare: number;
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
  readonly agentId: string;
  readonly hostname: string;
  readonly reason: string;
  readonly free: Amounts;
  readonly filter?: { readonly untilMs: number; readonly refused: readonly Resource[] };
  readonly holders?: readonly { readonly frameworkId: string; readonly role: string; readonly quantities: Amounts }[];
  readonly constraint?: string;
  readonly offerable?: Amounts;
}

/** By resource name, in the wire's units. */
export type Amounts = Readonly<Record<string, number>>;
