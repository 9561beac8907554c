import { expect, test } from "vitest";
import { together } from "./statistics.ts";

const usage = (net_rx_bytes?: number) => ({
  timestamp: 0,
  processes: 1,
  ...(net_rx_bytes === undefined ? {} : { net_rx_bytes }),
});

test("a network that containers of a pod share is counted once, their processes each", () => {
  const sums = together([
    [{ handle: "a", network: "172.30.0.2" }, usage(100)],
    [{ handle: "b", network: "172.30.0.2" }, usage(101)],
    [{ handle: "c", network: "172.30.0.3" }, usage(7)],
    [{ handle: "d", network: undefined }, usage()],
    [{ handle: "e", network: "172.30.0.4" }, undefined],
  ]);
  expect(sums).toEqual({ timestamp: 0, processes: 4, net_rx_bytes: 107 });
});
