/**
 * Sets of clients as bits, 32 a word. Three hold for the whole cluster, one belongs to each agent: the clients that surely get nothing of
 * it as it is, because a filter of theirs contains all that the agent had free at its highest, or a rule that does not change by itself
 * (constraint, GPU, region) keeps them off. So an agent that everybody refused is passed by in a few words.
 */
export interface Masks {
  /** Words a set. */
  words: number;
  /** Subscribed, not suppressed, of an active framework. */
  active: Uint32Array;
  /** Active, and not of a top-level role whose limit leaves less than the default minimum. */
  open: Uint32Array;
  /** Active, and of a top-level role whose guarantee is not met. */
  unmet: Uint32Array;
  /** Clients for which all agents are to be looked at again. */
  wanted: Uint32Array;
  wantedCount: number;
  /** One set an agent. */
  blocked: Uint32Array;
  agents: number;
}

export function createMasks(): Masks {
  const set = () => new Uint32Array(1);
  return {
    words: 1,
    active: set(),
    open: set(),
    unmet: set(),
    wanted: set(),
    wantedCount: 0,
    blocked: new Uint32Array(16),
    agents: 16,
  };
}

/** Makes room for a client's bit. */
export function ensureClient(masks: Masks, client: number): void {
  if (client >>> 5 < masks.words) return;
  const words = Math.max((client >>> 5) + 1, 2 * masks.words);
  masks.active = widened(masks.active, masks.words, words);
  masks.open = widened(masks.open, masks.words, words);
  masks.unmet = widened(masks.unmet, masks.words, words);
  masks.wanted = widened(masks.wanted, masks.words, words);
  masks.blocked = widened(masks.blocked, masks.words, words);
  masks.words = words;
}

/** Makes room for an agent's set. */
export function ensureAgent(masks: Masks, agent: number): void {
  if (agent < masks.agents) return;
  masks.agents = Math.max(agent + 1, 2 * masks.agents);
  const blocked = new Uint32Array(masks.agents * masks.words);
  blocked.set(masks.blocked);
  masks.blocked = blocked;
}

export function put(set: Uint32Array, client: number, on: boolean): void {
  if (on) set[client >>> 5]! |= 1 << (client & 31);
  else set[client >>> 5]! &= ~(1 << (client & 31));
}

export function has(set: Uint32Array, client: number): boolean {
  return (set[client >>> 5]! & (1 << (client & 31))) !== 0;
}

export function want(masks: Masks, client: number): void {
  if (has(masks.wanted, client)) return;
  put(masks.wanted, client, true);
  masks.wantedCount++;
}

export function block(masks: Masks, agent: number, client: number): void {
  masks.blocked[agent * masks.words + (client >>> 5)]! |= 1 << (client & 31);
}

export function unblock(masks: Masks, agent: number, client: number): void {
  masks.blocked[agent * masks.words + (client >>> 5)]! &= ~(1 << (client & 31));
}

/** The agent has more than before, or its attributes changed: nobody is surely blocked. */
export function unblockAgent(masks: Masks, agent: number): void {
  masks.blocked.fill(0, agent * masks.words, (agent + 1) * masks.words);
}

/** The client's filters, constraints or capabilities changed. */
export function unblockClient(masks: Masks, client: number, agents: number): void {
  const bit = ~(1 << (client & 31));
  for (let agent = 0, at = client >>> 5; agent < agents; agent++, at += masks.words) masks.blocked[at]! &= bit;
}

/** How many clients of the set are not blocked on the agent; counting stops above `enough`. */
export function countEligible(
  masks: Masks,
  set: Uint32Array,
  agent: number,
  onlyWanted: boolean,
  enough: number,
): number {
  const { words, blocked, wanted } = masks;
  const from = agent * words;
  let count = 0;
  for (let i = 0; i < words && count <= enough; i++) {
    let word = set[i]! & ~blocked[from + i]!;
    if (onlyWanted) word &= wanted[i]!;
    for (; word !== 0 && count <= enough; word &= word - 1) count++;
  }
  return count;
}

export function isEligible(
  masks: Masks,
  set: Uint32Array,
  agent: number,
  onlyWanted: boolean,
  client: number,
): boolean {
  const i = client >>> 5;
  let word = set[i]! & ~masks.blocked[agent * masks.words + i]!;
  if (onlyWanted) word &= masks.wanted[i]!;
  return (word & (1 << (client & 31))) !== 0;
}

/** The clients of the set that are not blocked on the agent, by number. */
export function eligible(masks: Masks, set: Uint32Array, agent: number, onlyWanted: boolean): number[] {
  const out: number[] = [];
  for (let i = 0; i < masks.words; i++) {
    let word = set[i]! & ~masks.blocked[agent * masks.words + i]!;
    if (onlyWanted) word &= masks.wanted[i]!;
    for (; word !== 0; word &= word - 1) out.push(i * 32 + 31 - Math.clz32(word & -word));
  }
  return out;
}

function widened(from: Uint32Array, words: number, wider: number): Uint32Array {
  const sets = from.length / words;
  const to = new Uint32Array(sets * wider);
  for (let set = 0; set < sets; set++) to.set(from.subarray(set * words, (set + 1) * words), set * wider);
  return to;
}
