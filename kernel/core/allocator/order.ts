import type { Client, State } from "./state.ts";
import { ROOT, type Tree } from "./tree.ts";

/**
 * Random order without a stream of random numbers: everything's place in a run is a hash of the run and its own name, so it does not depend
 * on what else is in the run, and a replay needs only the seed.
 */
export function mix(seed: number, value: number): number {
  let hash = (seed ^ value) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** FNV-1a. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The agents with these numbers, shuffled for one stage of one run. */
export function shuffledAgents(state: State, agents: readonly number[], stage: number): Float64Array {
  const seed = mix(mix(state.seed, state.calls), stage);
  const keys = new Float64Array(agents.length);
  // The hash above, the number in the 21 bits below: one sort of plain numbers.
  for (let i = 0; i < agents.length; i++)
    keys[i] = mix(seed, state.agentAt[agents[i]!]!.salt) * AGENT_BITS + agents[i]!;
  return keys.sort();
}

export const AGENT_BITS = 2 ** 21;

/**
 * A role's place in a weighted random order: the larger the weight the likelier in front. The smallest of exponential variables is each one's with
 * a probability in proportion to its rate (Efraimidis and Spirakis, 2006).
 */
export function randomRoleKey(state: State, agentSeed: number, client: Client): number {
  return -Math.log(unit(mix(agentSeed, hashText(client.role)))) / leafWeight(state.tree, client.node);
}

export function randomFrameworkKey(agentSeed: number, client: Client): number {
  return unit(mix(agentSeed, hashText(client.framework.id)));
}

// In (0, 1), so that its logarithm is finite.
function unit(hash: number): number {
  return (hash + 0.5) / 0x1_0000_0000;
}

/** The part of the whole that the role has: at each level its weight among the siblings that have active clients. */
function leafWeight(tree: Tree, client: number): number {
  let weight = 1;
  for (let node = tree.parent[client]!; node !== ROOT; node = tree.parent[node]!) {
    const kids = tree.kids[tree.parent[node]!]!;
    let sum = 0;
    for (let i = 0; i < kids.length; i++) sum += tree.weight[kids.order[i]!]!;
    weight *= tree.weight[node]! / sum;
  }
  return weight;
}
