/**
 * What Node is told of the memory of the parts through which hundreds of thousands of messages pass: with more room for what is new, less of it outlives its message and is
 * carried over to what the collector looks through rarely and as a whole. It is taken only under load. `bin/meseta` says the same of parts that are started by hand.
 */
export function heapFlags(part: string | undefined): string[] {
  return part !== undefined && ROOMY.has(part) ? ["--max-semi-space-size=64"] : [];
}

const ROOMY: ReadonlySet<string> = new Set(["master", "init", "cron"]);
