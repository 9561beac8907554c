import { readdirSync, readFileSync } from "node:fs";
import { AGENT } from "@meseta/boot/commands/agent.ts";
import { CRON } from "@meseta/boot/commands/cron.ts";
import { INIT } from "@meseta/boot/commands/init.ts";
import { MASTER } from "@meseta/boot/commands/master.ts";
import type { DaemonCommand } from "@meseta/boot/flags.ts";
import { CRON_BOUNDS } from "@meseta/cron/core/bounds.ts";
import { Stand as CronStand } from "@meseta/cron/io/stand.rig.ts";
import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { INIT_BOUNDS } from "@meseta/init/core/bounds.ts";
import { Stand as InitStand } from "@meseta/init/io/stand.rig.ts";
import { Rig } from "@meseta/kernel/core/agent/agent.rig.ts";
import { AGENT_BOUNDS } from "@meseta/kernel/core/agent/bounds.ts";
import { MASTER_BOUNDS } from "@meseta/kernel/core/master/bounds.ts";
import type { Front as AgentFront } from "@meseta/kernel/io/agent/front.ts";
import { Inputs } from "@meseta/kernel/io/agent/input.ts";
import { samplesOf as agentSamples } from "@meseta/kernel/io/agent/numbers.ts";
import { rehearse } from "@meseta/kernel/io/master/rehearsal.rig.ts";
import type { Bound } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { parseBytes } from "@meseta/lib/core/bytes.ts";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";
import { HttpCounts, httpSamples } from "@meseta/lib/io/http/counts.ts";
import { expect, test } from "vitest";
import { limitsMarkdown, TABLES, WIRE_BOUNDS } from "./limits.ts";

test("the reference page of limits is what the code is bounded by", () => {
  const page = readFileSync(new URL("../docs/reference/limits.md", import.meta.url), "utf8");
  expect(page, "run `node tools/limits.ts`").toBe(limitsMarkdown());
});

test("each bound can be set or says why not, and can be seen or says why not", () => {
  for (const { title, bounds } of TABLES)
    for (const { what, setting, limit, fixed, now, met, unseen } of Object.values(bounds)) {
      const [ways, reasons] = [
        [setting, limit, fixed],
        [now ?? met, unseen],
      ];
      expect(given(ways), `${title}: ${what}: a flag, a name in --limits, or why it is fixed`).toBe(1);
      expect(given(reasons), `${title}: ${what}: a metric, or why there is none`).toBe(1);
    }
});

function given(fields: readonly (string | undefined)[]): number {
  return fields.filter((one) => one !== undefined).length;
}

const ROOMS: readonly [Readonly<Record<string, Bound>>, readonly string[]][] = [
  [MASTER_BOUNDS, ["kernel/core/master", "kernel/io/master"]],
  [AGENT_BOUNDS, ["kernel/core/agent", "kernel/io/agent"]],
  [INIT_BOUNDS, ["init/core", "init/io"]],
  [CRON_BOUNDS, ["cron/core", "cron/io"]],
  [LOOP_BOUNDS, ["lib/io"]],
  [HTTP_BOUNDS, ["lib/io/http"]],
];

test("what --limits sets is what the code asks for", () => {
  for (const [bounds, folders] of ROOMS) {
    const text = folders.map(sourcesIn).join("");
    for (const [name, { limit }] of Object.entries(bounds))
      if (limit !== undefined) expect(new RegExp(`\\b${name}\\b`).test(text), `${limit}: ${name}`).toBe(true);
  }
});

/** All that is in a folder but tables of bounds and tests. */
function sourcesIn(folder: string): string {
  const root = new URL(`../${folder}/`, import.meta.url);
  const names = readdirSync(root, { recursive: true }).map(String);
  const sources = names.filter((name) => name.endsWith(".ts") && !/(^|\/)bounds\.ts$|\.test\.ts$/.test(name));
  return sources.map((name) => readFileSync(new URL(name, root), "utf8")).join("");
}

test("every part takes --limits", () => {
  for (const { name, flags } of [MASTER, AGENT, INIT, CRON]) expect(flags["limits"], name).toBeDefined();
});

const PARTS: readonly [DaemonCommand, Readonly<Record<string, Bound>>][] = [
  [MASTER, MASTER_BOUNDS],
  [AGENT, AGENT_BOUNDS],
  [INIT, INIT_BOUNDS],
  [CRON, CRON_BOUNDS],
  ...[MASTER, AGENT, INIT].map((command) => [command, HTTP_BOUNDS] as [DaemonCommand, typeof HTTP_BOUNDS]),
];

test("every flag that changes a bound exists, and its default is the bound", () => {
  for (const [{ name, flags }, bounds] of PARTS)
    for (const { setting, most, what } of Object.values(bounds)) {
      if (setting === undefined) continue;
      const flag = flags[setting];
      expect(flag, `${name} --${setting}`).toBeDefined();
      expect(numberIn(flag!.default), `${name} --${setting}: ${what}`).toBe(most);
    }
});

function numberIn(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  return parseDurationMs(text) ?? parseBytes(text) ?? Number(text.replace("%", ""));
}

/** The metrics that a table names. */
function metricsOf(bounds: Readonly<Record<string, Bound>>): string[] {
  return Object.values(bounds).flatMap(({ now, met }) => [now, met].filter((name) => name !== undefined));
}

test("every metric of a server's bounds is counted", () => {
  const names = httpSamples([new HttpCounts()], (word) => word).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...metricsOf(HTTP_BOUNDS), ...metricsOf(WIRE_BOUNDS)]));
});

test("every metric of the master's bounds is told", async () => {
  await using master = await rehearse(createMemoryStore());
  const answer = await fetch(`${master.url}/metrics/snapshot`);
  const told = Object.keys((await answer.json()) as object);
  expect(told).toEqual(
    expect.arrayContaining([...metricsOf(MASTER_BOUNDS), "meseta/events_queued", "meseta/events_refused"]),
  );
});

test("every metric of the agent's bounds is told", () => {
  const { agent, nowMs } = new Rig().register();
  const loop = { state: agent.state, nowMs: () => nowMs, queued: 0, overflowed: 0, tooLarge: 0 };
  const probes = { underWay: 0, waiting: 0 };
  const parts = { loop, inputs: new Inputs(), probes, http: new HttpCounts(), recoveryMs: 0 };
  const fetcher = { cacheSize: () => ({ totalBytes: 0, usedBytes: 0 }) };
  const told = agentSamples({ ...parts, fetcher } as unknown as AgentFront).map(({ name }) => name);
  expect(told).toEqual(
    expect.arrayContaining([...metricsOf(AGENT_BOUNDS), "meseta/events_queued", "meseta/events_refused"]),
  );
});

test("every metric of the bounds of init and cron is told", async () => {
  await using init = await InitStand.start();
  await using cron = await CronStand.start();
  const told = [await (await init.ask("/metrics")).text(), await (await cron.chronos("/metrics")).text()];
  for (const [i, bounds] of [INIT_BOUNDS, CRON_BOUNDS].entries())
    for (const name of [...metricsOf(bounds), "events.queued.gauge", "events.refused.counter"])
      expect(told[i], name).toContain(`.${name}"`);
});
