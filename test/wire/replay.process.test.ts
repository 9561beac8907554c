import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fromJson } from "@meseta/api/mesos/codec/from-json.ts";
import { decodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { afterAll, expect, test } from "vitest";
import { Cluster } from "./replay/cluster.ts";
import { compare } from "./replay/compare.ts";
import { DifferencesPage, type Found } from "./replay/differences.ts";
import { type Played, play } from "./replay/play.ts";
import {
  type Entry,
  type RecordedCall,
  type RecordedEvent,
  type RecordedOpen,
  recording,
} from "./replay/recordings.ts";
import { compareAnswer, send } from "./replay/request.ts";

// Recorded from Apache Mesos 1.12: each request is made again, each answer and event compared. What may differ stands in
// docs/reference/differences.md, and nothing else.

const page = new DifferencesPage();
const totals: string[] = [];

afterAll(() => console.log(totals.join("\n")));

test("readings, a scheduler's whole session, an operator's stream of it, and requests that are wrong", async () => {
  await using cluster = await Cluster.start();
  const session = recording("scheduler-session");
  const tasksRun = session.findIndex(
    (entry) => "name" in entry && entry.name === "scheduler-session/RECONCILE explicit known",
  );
  const watched = play(recording("operator-stream"), stageOf(cluster), page);
  expectListed("idle", await play(recording("idle"), cluster, page));
  const whole = [...session.slice(0, tasksRun), ...recording("active"), ...session.slice(tasksRun)];
  expectListed("scheduler-session", await play(whole, cluster, page));
  expectListed("operator-stream", await watched);
  expectListed("after", await play(recording("after"), cluster, page));
  const amended = Object.assign(Object.create(cluster) as Cluster, { amend: withoutLeak });
  expectListed("malformed", await play(recording("malformed"), amended, page));
});

test("an operator's writes; and the two requests that bring Mesos' daemons down are refused here", async () => {
  await using cluster = await Cluster.start();
  expectListed("operator-writes", await play(recording("operator-writes"), cluster, page));
  for (const { request } of recording<RecordedCall>("crashers")) {
    const answer = await send(cluster.urls[request.daemon], request, cluster.symbols);
    expect(answer.status, request.body).toBeGreaterThanOrEqual(400);
    expect(answer.status, request.body).toBeLessThan(500);
    expect(new TextDecoder().decode(answer.body)).not.toBe("");
    expect((await fetch(`${cluster.urls[request.daemon]}/health`)).status).toBe(200);
  }
});

test("tasks of many kinds, a custom executor, and protobuf that says what JSON says", async () => {
  await using cluster = await Cluster.start();
  const amended = Object.assign(Object.create(cluster) as Cluster, { amend: withoutOtherUsers });
  expectListed("extras", await play(recording("extras"), amended, page));
  expectSandboxes(cluster);
  expectExecutor(cluster);
  await expectProtobuf(cluster);
});

test("an agent that is killed, given up, back, drained and gone", async () => {
  await using cluster = await Cluster.start({ pingIntervalMs: 1_000, maxPingTimeouts: 3 });
  const { promise: watching, resolve } = Promise.withResolvers<void>();
  const operator = { ...stageOf(cluster), note: async () => resolve() };
  const stream = recording("agent-failover-stream");
  const watched = play([stream[0]!, { note: "watching" }, ...stream.slice(1)], operator, page);
  await watching;
  const played = await play(
    recording("agent-failover"),
    Object.assign(Object.create(cluster) as Cluster, { note: (text: string) => doTo(cluster, text) }),
    page,
  );
  expectListed("agent-failover", played);
  expectListed("agent-failover-stream", await watched);
});

test("nothing is listed as a difference that is none", () => {
  expect(page.unused()).toEqual([]);
});

/** Symbols of its own: what plays beside another recording must not bind for it. */
function stageOf({ urls, symbols }: Cluster) {
  return { urls, symbols: symbols.fork() };
}

function expectListed(name: string, { calls, events, found, unlisted }: Played): void {
  const differing = new Set(found.map(({ where }) => where)).size;
  if (calls > 0)
    totals.push(`${name}: ${calls} calls and ${events} events replayed, ${differing} with listed differences`);
  expect.soft(unlisted.map(shown)).toEqual([]);
}

function shown({ where, field, mesos, meseta }: Found): string {
  const short = (value: unknown) => (JSON.stringify(value) ?? "absent").slice(0, 400);
  return `${where} ${field}: Mesos ${short(mesos)}, Meseta ${short(meseta)}`;
}

/** After a LAUNCH_GROUP without tasks Mesos charges its executor for ever; all offers recorded afterwards lack these resources. */
function withoutLeak(entry: Entry): Entry {
  if (!("event" in entry) || entry.event.type !== "OFFERS" || !JSON.stringify(entry).includes(LEAKED)) return entry;
  const given: Record<string, number> = { cpus: 0.1, mem: 32, disk: 10 };
  const amended = structuredClone(entry) as RecordedEvent & { event: { offers: { offers: [Offer] } } };
  const [offer] = amended.event.offers.offers;
  for (const { name, scalar } of offer.resources)
    if (scalar !== undefined) scalar.value = Math.round((scalar.value + given[name]!) * 1000) / 1000;
  delete offer.executor_ids;
  return amended;
}

/** Only root may run tasks as somebody else. */
const isRoot = userInfo().uid === 0;

function withoutOtherUsers(entry: Entry): Entry {
  return isRoot ? entry : (JSON.parse(JSON.stringify(entry).replace(',\\"user\\":\\"nobody\\"', "")) as Entry);
}

const LEAKED = '"executor_ids":[{"value":"g0"}]';
type Offer = { resources: { name: string; scalar?: { value: number } }[]; executor_ids?: unknown };

function expectSandboxes({ dir, symbols }: Cluster): void {
  for (const { executor, files } of recording<{ executor: string; files: Record<string, string> }>("sandboxes"))
    for (const [name, text] of Object.entries(files)) {
      if (!isRoot && text.startsWith("uid=")) continue;
      const found = compare(text, readFileSync(join(sandbox(dir, symbols, executor), name), "utf8"), symbols, name);
      expectListed(`sandboxes/${executor}/${name}`, played(`sandboxes/${executor}`, found));
    }
}

function played(where: string, differences: readonly Omit<Found, "where">[]): Played {
  const found = differences.map((difference) => ({ where, ...difference }));
  return { calls: 0, events: 0, found, unlisted: page.unlisted(found) };
}

function sandbox(dir: string, symbols: Cluster["symbols"], executor: string): string {
  const run = symbols.fill(`slaves/{agent:0}/frameworks/{framework:0}/executors/${executor}/runs/latest`);
  return join(dir, "agent", "work", run);
}

/** What the executor was given and told, and how its calls were answered. */
function expectExecutor({ dir, symbols }: Cluster): void {
  const [first, subscribe, ...rest] = recording<{ environment: object } & RecordedOpen & RecordedEvent>(
    "custom-executor",
  );
  const text = readFileSync(join(sandbox(dir, symbols, "custom-1"), "seen.json"), "utf8");
  const { environment, seen } = JSON.parse(text) as { environment: object; seen: Seen[] };
  const found = [
    ...compare(first!.environment, environment, symbols, "environment"),
    ...compareAnswer(subscribe!.response, { status: 0, headers: {}, body: new Uint8Array(), ...seen[0] }, symbols),
    ...compare(
      rest.filter((entry) => entry.event !== undefined).map(({ event }) => event),
      seen.flatMap(({ event }) => event ?? []),
      symbols,
      "events",
    ),
    ...compare(
      rest.filter((entry) => entry.response !== undefined).map(({ response }) => response.status),
      seen.slice(1).flatMap(({ status }) => status ?? []),
      symbols,
      "statuses",
    ),
  ];
  expectListed("custom-executor", played("custom-executor", found));
}

type Seen = { status?: number; headers?: Record<string, string>; event?: object };

async function expectProtobuf({ urls, symbols }: Cluster): Promise<void> {
  for (const { name, request, response } of recording<RecordedCall>("protobuf")) {
    const type = request.daemon === "master" ? "mesos.v1.master.Response" : "mesos.v1.agent.Response";
    const answer = await send(urls[request.daemon], request, symbols);
    const inJson = await send(
      urls[request.daemon],
      { ...request, headers: { ...request.headers, Accept: "application/json" } },
      symbols,
    );
    expectListed(name, played(name, compareAnswer(response, answer, symbols)));
    const json: unknown = JSON.parse(new TextDecoder().decode(inJson.body));
    expect(decodeProtobuf(type, answer.body), name).toEqual(fromJson(type, json));
  }
}

async function doTo(cluster: Cluster, note: string): Promise<void> {
  if (note.startsWith("agent killed")) await cluster.killAgent();
  if (note.endsWith("started again at once") || note === "the agent comes back") cluster.startAgent();
  if (note !== "the agent is reactivated") return;
  const agent_id = { value: cluster.symbols.valuesOf("agent:0")[0]! };
  const body = JSON.stringify({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
  const headers = { "Content-Type": "application/json" };
  await fetch(`${cluster.urls.master}/api/v1`, { method: "POST", headers, body });
}
