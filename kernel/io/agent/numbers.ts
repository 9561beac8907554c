import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { counter, gauge, type Sample } from "@meseta/lib/core/metrics.ts";
import { httpSamples, slashName } from "@meseta/lib/io/http/counts.ts";
import { agentSamples } from "../../core/agent/metrics.ts";
import type { Front } from "./front.ts";

/** All numbers of the agent and its machine. */
export function samplesOf({ loop, link, fetcher, inputs, probes, http, recoveryMs }: Front): Sample[] {
  const cache = fetcher.cacheSize();
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return [
    ...agentSamples(loop.state, loop.nowMs()),
    gauge("slave/recovery_time_secs", recoveryMs / 1000),
    gauge("containerizer/fetcher/cache_size_total_bytes", cache.totalBytes),
    gauge("containerizer/fetcher/cache_size_used_bytes", cache.usedBytes),
    gauge("system/cpus_total", availableParallelism()),
    gauge("system/load_1min", one),
    gauge("system/load_5min", five),
    gauge("system/load_15min", fifteen),
    gauge("system/mem_total_bytes", totalmem()),
    gauge("system/mem_free_bytes", freemem()),
    gauge("meseta/store_works", loop.storeFailure === undefined ? 1 : 0),
    gauge("meseta/events_queued", loop.queued),
    counter("meseta/events_refused", loop.overflowed),
    counter("meseta/executor_calls_too_large", loop.tooLarge),
    counter("meseta/messages_dropped", link?.dropped ?? 0),
    gauge("meseta/input_streams", inputs.streams),
    counter("meseta/input_streams_refused", inputs.refused),
    gauge("meseta/input_bytes", inputs.bytes),
    gauge("meseta/probes_under_way", probes.underWay),
    gauge("meseta/probes_waiting", probes.waiting),
    ...httpSamples([http], slashName),
    gauge("meseta/heap_used_bytes", process.memoryUsage().heapUsed),
  ];
}
