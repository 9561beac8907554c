import { expect, test } from "vitest";
import { counter, gauge, prometheusText, snapshotOf, Timings } from "./metrics.ts";

test("a snapshot is flat and in order of name", () => {
  const snapshot = snapshotOf([gauge("master/tasks_running", 3), counter("master/messages_kill_task", 1)]);
  expect(JSON.stringify(snapshot)).toBe('{"master/messages_kill_task":1,"master/tasks_running":3}');
});

test("Prometheus reads names without slashes, counters with their ending, and what varies as labels", () => {
  const family = { name: "master/framework/calls", labels: { id: "f-1", name: 'a "b"\n' } };
  const text = prometheusText(
    [gauge("master/cpus_percent", 0.5), counter("master/frameworks/a/f-1/calls", 2, family)],
    "meseta",
  );
  expect(text).toBe(
    [
      "# TYPE meseta_master_cpus_percent gauge",
      "meseta_master_cpus_percent 0.5",
      "# TYPE meseta_master_framework_calls_total counter",
      'meseta_master_framework_calls_total{id="f-1",name="a \\"b\\"\\n"} 2',
      "",
    ].join("\n"),
  );
});

test("one family with many members has one heading", () => {
  const of = (role: string) => gauge(`roles/${role}`, 1, { name: "role", labels: { role } });
  expect(prometheusText([of("a"), of("b")], "m").match(/# TYPE/g)).toHaveLength(1);
});

test("timings tell the last, the extremes and the percentiles of what they remember", () => {
  const timings = new Timings();
  expect(timings.samples("t")).toEqual([]);
  for (let ms = 1; ms <= 100; ms++) timings.record(ms);
  expect(snapshotOf(timings.samples("t"))).toMatchObject({
    t: 100,
    "t/count": 100,
    "t/max": 100,
    "t/min": 1,
    "t/p50": 51,
    "t/p99": 100,
  });
});

test("timings forget what is older than the last thousand, and count on", () => {
  const timings = new Timings();
  timings.record(5000);
  for (let i = 0; i < 1000; i++) timings.record(1);
  expect(snapshotOf(timings.samples("t"))).toMatchObject({ "t/count": 1001, "t/max": 1 });
});
