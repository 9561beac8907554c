import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { SOCKET_NAME } from "./claim.ts";
import { type Kept, readKept } from "./kept.ts";
import { USUAL_BLOCK } from "./machine.ts";

/** Ports that tasks may be given, both ends included. */
export interface Block {
  readonly begin: number;
  readonly end: number;
}

/** Another cluster that an `up` of this machine runs now, and the ports that it offers. */
export interface Neighbour {
  readonly dir: string;
  readonly blocks: readonly Block[];
}

const LOWEST_BLOCK = 21_000;

/** The other live clusters of this machine: each listens on a socket in its directory, and the kernel lists the sockets. */
export function neighboursOf(dir: string, list: () => string = unixSockets): Neighbour[] {
  const dirs = list()
    .split("\n")
    .map((line) => line.slice(line.indexOf("/")))
    .filter((path) => path.endsWith(`/${SOCKET_NAME}`))
    .map((path) => dirname(path));
  return [...new Set(dirs)].filter((other) => other !== dir).map((other) => ({ dir: other, blocks: blocksIn(other) }));
}

/** The first block that no neighbour offers; below the usual one, because the kernel gives out those above to clients. The usual one when all are taken. */
export function freeBlock(neighbours: readonly Neighbour[]): Block {
  const isFree = (block: Block) => clashes(block, neighbours).length === 0;
  if (isFree(USUAL_BLOCK)) return USUAL_BLOCK;
  for (let begin = USUAL_BLOCK.begin - 1000; begin >= LOWEST_BLOCK; begin -= 1000)
    if (isFree({ begin, end: begin + 999 })) return { begin, end: begin + 999 };
  return USUAL_BLOCK;
}

/** The neighbours that offer some of these ports as well. */
export function clashes(block: Block, neighbours: readonly Neighbour[]): Neighbour[] {
  return neighbours.filter(({ blocks }) => blocks.some(({ begin, end }) => begin <= block.end && end >= block.begin));
}

/** What a cluster offers, by what is remembered of it. */
export function blocksOf({ resources, ports }: Pick<Kept, "resources" | "ports">): Block[] {
  if (resources === undefined) return [ports ?? USUAL_BLOCK];
  const [, ranges = ""] = /ports(?:\([^)]*\))?\s*:\s*\[([^\]]*)\]/.exec(resources) ?? [];
  return [...ranges.matchAll(/(\d+)\s*-\s*(\d+)/g)].map(([, begin, end]) => ({
    begin: Number(begin),
    end: Number(end),
  }));
}

/** Tasks of two clusters that get the same port meet at the second one's bind, so it is said before. */
export function clashWarnings(kept: Pick<Kept, "resources" | "ports">, neighbours: readonly Neighbour[]): string[] {
  return blocksOf(kept).flatMap((block) =>
    clashes(block, neighbours).map(
      ({ dir }) =>
        `The cluster in ${dir} offers ports of ${block.begin}-${block.end} as well: a task of each may be given the same one. Stop it (meseta down --dir ${dir}), or start this one in a new --dir.`,
    ),
  );
}

// Of another user's cluster nothing may be known but that it is there.
function blocksIn(dir: string): Block[] {
  try {
    return blocksOf(readKept(dir) ?? {});
  } catch {
    return [USUAL_BLOCK];
  }
}

function unixSockets(): string {
  const table = "/proc/net/unix";
  return existsSync(table) ? readFileSync(table, "utf8") : "";
}
