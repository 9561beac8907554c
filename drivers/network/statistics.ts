import { readFile } from "node:fs/promises";

/** The fields of mesos.v1 ResourceStatistics about networks, by their names: sums over all links but loopback, as the container sees them. */
export interface NetworkStatistics {
  readonly net_rx_packets: number;
  readonly net_rx_bytes: number;
  readonly net_rx_errors: number;
  readonly net_rx_dropped: number;
  readonly net_tx_packets: number;
  readonly net_tx_bytes: number;
  readonly net_tx_errors: number;
  readonly net_tx_dropped: number;
}

/**
 * The counters of the network namespace that a process is in (proc_pid_net(5)): one read, no entering, for any sort of network.
 * Undefined when the process is gone. Only for containers with a network of their own: else they are the machine's.
 */
export async function networkStatistics(pid: number): Promise<NetworkStatistics | undefined> {
  return readFile(`/proc/${pid}/net/dev`, "utf8").then(countersOf, () => undefined);
}

/** The sums of a text like /proc/net/dev. */
export function countersOf(text: string): NetworkStatistics {
  const sums = new Array<number>(16).fill(0);
  for (const line of text.split("\n").slice(2)) {
    const [link = "", counters = ""] = line.split(":");
    if (link.trim() === "lo") continue;
    for (const [at, counter] of counters.trim().split(/\s+/).entries()) sums[at]! += Number(counter);
  }
  const [rxBytes, rxPackets, rxErrors, rxDropped, , , , , txBytes, txPackets, txErrors, txDropped] = sums as Sums;
  return {
    net_rx_packets: rxPackets,
    net_rx_bytes: rxBytes,
    net_rx_errors: rxErrors,
    net_rx_dropped: rxDropped,
    net_tx_packets: txPackets,
    net_tx_bytes: txBytes,
    net_tx_errors: txErrors,
    net_tx_dropped: txDropped,
  };
}

type Four = [number, number, number, number];
type Sums = [...Four, ...Four, ...Four, ...Four];
