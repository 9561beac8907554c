import { withMilli } from "@meseta/api/mesos/resources/value.ts";
import type { ReasonCode } from "./allocator.ts";
import { satisfies } from "./constraints.ts";
import { blocks } from "./filters.ts";
import { reaches } from "./minimum.ts";
import { isOpenScalar, type Piece, pieceOf, resourcesOf } from "./parcel.ts";
import { lackOf, roomOf, surplusOf } from "./quota.ts";
import type { Agent, Client, State } from "./state.ts";

/** What of an agent's free resources a client would be offered now. */
export interface Portion {
  row: Float64Array;
  pieces: Piece[];
  /** Somebody's quota made it less. */
  cutByLimit: boolean;
  cutByHeadroom: boolean;
  /** Something stays because it is reserved for others or beyond the framework's capabilities. */
  kept: boolean;
}

/** `guaranteed`: the first stage, where a role whose guarantee is not met gets its part whatever headroom others need. */
export type Stage = "guaranteed" | "fair";

export function createPortion(): Portion {
  return { row: new Float64Array(0), pieces: NONE, cutByLimit: false, cutByHeadroom: false, kept: false };
}

/** Whether a rule keeps the client off the agent until one of the two changes. */
export function isBarred(state: State, agent: Agent, client: Client): boolean {
  for (const [, bars] of RULES) if (bars(state, agent, client)) return true;
  return false;
}

/** All such rules that do. */
export function barriers(state: State, agent: Agent, client: Client): ReasonCode[] {
  return RULES.flatMap(([reason, bars]) => (bars(state, agent, client) ? [reason] : []));
}

const RULES: readonly (readonly [ReasonCode, (state: State, agent: Agent, client: Client) => boolean])[] = [
  [
    "OFFER_CONSTRAINT",
    (_, agent, { constraints }) => constraints !== undefined && !satisfies(constraints, agent.settings),
  ],
  ["GPU_AGENT", ({ options }, agent, { framework }) => agent.gpu && !framework.gpu && options.filterGpuResources],
  ["REMOTE_REGION", (_, agent, { framework }) => agent.remote && !framework.regionAware],
];

/** Fills the portion; the reason why it makes no offer, or undefined when it makes one. Changes nothing else. */
export function measure(
  state: State,
  agent: Agent,
  client: Client,
  stage: Stage,
  portion: Portion,
): ReasonCode | undefined {
  portion.cutByLimit = false;
  portion.cutByHeadroom = false;
  portion.kept = false;
  portion.pieces = NONE;
  const some = measureScalars(state, agent, client, stage, portion);
  const more = agent.simple ? takeSimple(agent, portion) : takePieces(state, agent, client, stage, portion);
  if (!some && !more) return reasonForNothing(portion);
  if (stage === "guaranteed" && !helpsGuarantee(state, client, portion)) return "NOTHING_LEFT";
  if (!reaches(client.minimum ?? state.minimum, portion.row, 0, portion.pieces)) {
    return portion.cutByLimit ? "QUOTA_LIMIT" : portion.cutByHeadroom ? "QUOTA_HEADROOM" : "BELOW_MIN_ALLOCATABLE";
  }
  if ((state.filters.active[client.index] ?? 0) === 0) return undefined;
  return blocks(state.filters, agent.index, client.index, portion.row, resourcesOf(portion.pieces))
    ? "FILTERED"
    : undefined;
}

function measureScalars(state: State, agent: Agent, client: Client, stage: Stage, portion: Portion): boolean {
  const { width, names } = state.space;
  if (portion.row.length < width) portion.row = new Float64Array(width);
  const { row } = portion;
  const { data } = state.free;
  const from = agent.index * width;
  const bound = client.top.limit !== undefined || state.unmetTops > 0;
  let any = false;
  for (let column = 0; column < names.length; column++) {
    let free = data[from + column]!;
    if (free > 0 && bound) free = Math.min(free, allowance(state, client, stage, column, portion, free));
    if (free > 0) any = true;
    row[column] = free > 0 ? free : 0;
  }
  return any;
}

/** How much of the unreserved, not revocable scalar the client may be given, when `free` is there; notes what cuts it. */
function allowance(state: State, client: Client, stage: Stage, column: number, portion: Portion, free: number): number {
  const room = roomOf(state.quota, client.top, column);
  const surplus = surplusOf(state.quota, column);
  const headroom = stage === "guaranteed" ? surplus + lackOf(state.quota, client.top, column) : surplus;
  if (room < free) portion.cutByLimit = true;
  if (headroom < free) portion.cutByHeadroom = true;
  return Math.min(room, headroom);
}

function takeSimple(agent: Agent, portion: Portion): boolean {
  portion.pieces = agent.freePieces;
  return agent.freePieces.length > 0;
}

function takePieces(state: State, agent: Agent, client: Client, stage: Stage, portion: Portion): boolean {
  const taken: Piece[] = [];
  for (const piece of agent.freePieces) {
    if (!isOpenTo(piece, client)) portion.kept = true;
    else if (isOpenScalar(piece)) takeScalar(state, client, stage, portion, piece, taken);
    else taken.push(piece);
  }
  for (const piece of agent.sharedPieces) {
    if (!isOpenTo(piece, client)) portion.kept = true;
    else if (agent.sharedRun !== state.calls || !agent.sharedOffered.includes(piece)) taken.push(piece);
  }
  portion.pieces = taken;
  return taken.length > 0;
}

// Unreserved disks with a body of their own: of a whole one all or nothing, of a path so much as quota allows beside what is taken already.
function takeScalar(state: State, client: Client, stage: Stage, portion: Portion, piece: Piece, taken: Piece[]): void {
  let used = portion.row[piece.column]!;
  for (const other of taken) if (other.column === piece.column && isOpenScalar(other)) used += other.milli;
  const left = allowance(state, client, stage, piece.column, portion, used + piece.milli) - used;
  if (left >= piece.milli) taken.push(piece);
  else if (left > 0 && !piece.whole) taken.push(pieceOf(state.space, withMilli(piece.resource, left)));
}

/** Reserved for the role or one above it, and within what the framework understands. */
function isOpenTo(piece: Piece, { role, framework }: Client): boolean {
  if (piece.revocable && !framework.revocable) return false;
  if (piece.shared && !framework.shared) return false;
  if (piece.refined && !framework.refinement) return false;
  return (
    piece.role === undefined ||
    piece.role === role ||
    (role.length > piece.role.length && role.startsWith(`${piece.role}/`))
  );
}

function helpsGuarantee(state: State, client: Client, portion: Portion): boolean {
  for (let column = 0; column < state.space.names.length; column++) {
    if (lackOf(state.quota, client.top, column) === 0) continue;
    if (portion.row[column]! > 0) return true;
    if (portion.pieces.some((piece) => piece.column === column && isOpenScalar(piece))) return true;
  }
  return false;
}

function reasonForNothing(portion: Portion): ReasonCode {
  if (portion.cutByLimit) return "QUOTA_LIMIT";
  if (portion.cutByHeadroom) return "QUOTA_HEADROOM";
  return portion.kept ? "RESERVED_FOR_OTHERS" : "NOTHING_LEFT";
}

const NONE: Piece[] = [];
