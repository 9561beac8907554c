import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { counter, gauge, type Sample, Timings } from "@meseta/lib/core/metrics.ts";
import { httpSamples, slashName } from "@meseta/lib/io/http/counts.ts";
import { masterSamples } from "../../core/master/metrics.ts";
import { callRateSamples } from "./call-rates.ts";
import type { Front } from "./front.ts";

/** Asked for more often than this, the same numbers are given: they are found by going through all tasks. */
const FRESH_MS = 500;

const waiting = new Timings();
waiting.record(0);

const known = new WeakMap<Front, { samples: Sample[]; atMs: number }>();

/** All numbers of the master and its machine; when it does not lead, or still loads, those of the machine. */
export function samplesOf(front: Front): Sample[] {
  const nowMs = performance.now();
  const last = known.get(front);
  if (last !== undefined && nowMs - last.atMs < FRESH_MS) return last.samples;
  const own = front.loop.ready ? leaderSamples(front) : standbySamples(front);
  const samples = [...own, ...httpSamples([front.http], slashName)];
  known.set(front, { samples, atMs: nowMs });
  return samples;
}

function standbySamples(front: Front): Sample[] {
  return [gauge("master/elected", 0), gauge("meseta/election_heard", front.hears() ? 1 : 0), ...machineSamples()];
}

/** The machine's own numbers. */
export function machineSamples(): Sample[] {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return [
    gauge("system/cpus_total", availableParallelism()),
    gauge("system/load_1min", one),
    gauge("system/load_5min", five),
    gauge("system/load_15min", fifteen),
    gauge("system/mem_total_bytes", totalmem()),
    gauge("system/mem_free_bytes", freemem()),
  ];
}

function leaderSamples({ loop, rates }: Front): Sample[] {
  return [
    ...masterSamples(loop.state, loop.nowMs()),
    ...machineSamples(),
    gauge("master/event_queue_dispatches", loop.queued),
    gauge("master/event_queue_http_requests", loop.requests.size),
    gauge("master/event_queue_messages", 0),
    gauge("registrar/queued_operations", 0),
    ...loop.storing.samples("registrar/state_store_ms"),
    ...loop.allocating.samples("allocator/mesos/allocation_run_ms"),
    // A run never waits: it is part of the event that asks for it.
    ...waiting.samples("allocator/mesos/allocation_run_latency_ms"),
    // One queue serves all here; these names are kept for dashboards.
    gauge("allocator/mesos/event_queue_dispatches", 0),
    gauge("allocator/event_queue_dispatches", 0),
    ...loop.loading.samples("registrar/state_fetch_ms").slice(0, 1),
    gauge("meseta/store_works", loop.storeFailure === undefined ? 1 : 0),
    gauge("meseta/events_queued", loop.queued),
    counter("meseta/events_refused", loop.overflowed),
    counter("meseta/messages_dropped", loop.streams.dropped),
    counter("meseta/calls_too_large", loop.tooLarge),
    ...callRateSamples(rates),
    gauge("meseta/open_streams", loop.streams.size),
    gauge("meseta/encoded_bytes", loop.readings.bytes),
    gauge("meseta/heap_used_bytes", process.memoryUsage().heapUsed),
  ];
}
