/**
 * A uuid of the clock (version 1), whose order within the millisecond, sequence and node are those of a random one (version 4): the bit of the node says that it is no
 * machine's address. Source: RFC 9562, 5.1 and 6.10.
 */
export function clockUuid(random: string, nowMs: number): string {
  const [low, , , sequence, node] = random.split("-") as [string, string, string, string, string];
  const ticks = (BigInt(Math.floor(nowMs)) + SINCE_1582_MS) * TICKS_PER_MS + BigInt(Number.parseInt(low, 16) % 10_000);
  const time = ticks.toString(16).padStart(15, "0");
  const multicast = (Number.parseInt(node.slice(0, 2), 16) | 1).toString(16).padStart(2, "0");
  return `${time.slice(-8)}-${time.slice(-12, -8)}-1${time.slice(-15, -12)}-${sequence}-${multicast}${node.slice(2)}`;
}

const SINCE_1582_MS = 12_219_292_800_000n;
const TICKS_PER_MS = 10_000n;
