import type { MessageProbed } from "@meseta/api/mesos/generated/link.ts";
import type { NetworkInfoProtocol } from "@meseta/api/mesos/generated/mesos.ts";
import type { Probe, Result } from "@meseta/api/mesos/generated/probe.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { describeExit } from "../executor/exit.ts";
import type { ProbeOutcome } from "../executor/host.ts";
import { AGENT_BOUNDS } from "./bounds.ts";
import { lookBeside, probeHasEnded } from "./inside.ts";
import { executorOutfit, taskOutfit } from "./outfits.ts";
import type { ProbeTarget } from "./outside.ts";
import type { AgentTask, Executor, Framework, Turn } from "./state.ts";
import { hasCapability } from "./status.ts";

// Probes of the extension `TaskInfo.probes`: they are told of, and nothing here follows from them. See docs/reference/probes.md.

/** One probe of a task that runs; all of it is lost with the agent's process. */
export interface Probing {
  readonly probe: Probe;
  /** Before it, and before the first success, it is looked more often. */
  readonly graceUntilMs: number;
  /** Numbers the looks: a reminder of an older one means nothing. */
  nth: number;
  /** The look that is under way. */
  look: string | undefined;
  lookedMs: number;
  succeeded: boolean;
  last: Result | undefined;
}

/** A look that is under way, and at which of the task's hosts. */
export interface Look {
  readonly task: AgentTask;
  readonly probing: Probing;
  readonly hosts: readonly string[];
}

/** Results gathered for the master: for each framework, the last of each probe. */
export interface Telling {
  readonly waiting: Map<string, Map<string, Result>>;
  /** When results were told last, and when they will be; undefined: none wait. */
  toldMs: number;
  wakeAtMs: number | undefined;
}

/** Results travel together, so often at most. */
const TOLD_EVERY_MS = 250;
/** No probe is done more often than this, whatever it says. */
const LEAST_INTERVAL_MS = AGENT_BOUNDS.probeIntervalMs.most;
/** So much more often before the first success, though not more than once in so long. */
const EAGERNESS = 10;
const EAGER_MS = 1_000;
/** The part of an interval by which a wait may be shorter or longer, so that tasks that began together part. */
const SPREAD = 0.05;

/** The task's state, or what is known of its framework, has changed: its probes begin when it runs and end when it does not. */
export function followTask(turn: Turn, task: AgentTask): void {
  if (isOver(task))
    return task.state === "TASK_STAGING" || task.state === "TASK_STARTING" ? undefined : stopProbing(turn, task);
  if (task.probing !== undefined || !hasCapability(task.executor.framework.info, "PROBES")) return;
  const { state, nowMs } = turn;
  task.probing = (task.info.probes ?? []).map((probe) => newProbing(probe, nowMs));
  for (const probing of task.probing) {
    const apartMs = state.random.next() * Math.min(everyMs(probing.probe), EAGER_MS);
    remind(turn, task, probing, nowMs + seconds(probing.probe.delay_seconds, 0) + apartMs);
  }
}

/** No more probes: the task ends or is being killed. */
export function stopProbing(turn: Turn, task: AgentTask): void {
  for (const { probe, look } of task.probing ?? []) {
    if (look === undefined) continue;
    turn.state.looks.delete(look);
    if (probe.type === "COMMAND") turn.out.push({ type: "destroy", id: look });
  }
  if ((task.info.probes?.length ?? 0) > 0) task.probing = [];
}

/** It is time for look `nth`. */
export function probeDue(turn: Turn, wake: { framework: string; task: string; probe: string; nth: number }): void {
  const found = find(turn, wake);
  if (found === undefined || found.probing.look !== undefined) return;
  const { task, probing } = found;
  if (isOver(task)) return stopProbing(turn, task);
  probing.lookedMs = turn.nowMs;
  if (probing.probe.until_success !== true || !probing.succeeded)
    return look(turn, task, probing, hostsOf(turn, task, probing.probe));
  // It is not asked again; what it said may have been lost on the way.
  gather(turn, task.executor.framework, probing.last!);
  waitForNext(turn, task, probing);
}

/** A COMMAND takes too long. */
export function probeOverdue(turn: Turn, id: string): void {
  if (!turn.state.looks.has(id)) return;
  turn.out.push({ type: "destroy", id });
  lookEnded(turn, id, { kind: "timeout" });
}

/** A look ended, of a probe or of one of Mesos' checks; one that nobody waits for any more means nothing. */
export function lookEnded(turn: Turn, id: string, outcome: ProbeOutcome): void {
  const held = turn.state.looks.get(id);
  if (held === undefined) return probeHasEnded(turn, id, outcome);
  turn.state.looks.delete(id);
  const { task, probing, hosts } = held;
  probing.look = undefined;
  if (isOver(task)) return stopProbing(turn, task);
  if (outcome.kind === "failed" && hosts.length > 1) return look(turn, task, probing, hosts.slice(1));
  probing.nth++;
  note(turn, task, probing, outcome);
  waitForNext(turn, task, probing);
}

/** A master has just accepted the agent: what was seen last of each probe is told again. */
export function tellAllProbes(turn: Turn): void {
  turn.state.telling.waiting.clear();
  for (const framework of turn.state.frameworks.values())
    for (const { probing } of framework.tasks.values())
      for (const { last } of probing ?? []) if (last !== undefined) put(turn, framework, last);
  flush(turn);
}

/** What was gathered goes to the master. */
export function tellProbes(turn: Turn, atMs: number): void {
  if (turn.state.telling.wakeAtMs === atMs) flush(turn);
}

function newProbing(probe: Probe, nowMs: number): Probing {
  const graceUntilMs = nowMs + seconds(probe.grace_period_seconds, 0);
  return { probe, graceUntilMs, nth: 0, look: undefined, lookedMs: nowMs, succeeded: false, last: undefined };
}

function isOver({ state, run, executor }: AgentTask): boolean {
  return (
    state !== "TASK_RUNNING" ||
    run?.kill !== undefined ||
    executor.framework.removed ||
    executor.state === "terminating" ||
    executor.state === "terminated"
  );
}

function find({ state }: Turn, wake: { framework: string; task: string; probe: string; nth: number }) {
  const task = state.frameworks.get(wake.framework)?.tasks.get(wake.task);
  const probing = task?.probing?.find(({ probe, nth }) => probe.id === wake.probe && nth === wake.nth);
  return task === undefined || probing === undefined ? undefined : { task, probing };
}

function look(turn: Turn, task: AgentTask, probing: Probing, hosts: readonly string[]): void {
  const { state, out, nowMs } = turn;
  const id = state.random.uuid();
  const { probe } = probing;
  const timeoutMs = seconds(probe.timeout_seconds, 20);
  probing.look = id;
  state.looks.set(id, { task, probing, hosts });
  if (probe.type !== "COMMAND")
    return void out.push({ type: "probe", probe: id, target: targetOf(turn, task, probe, hosts[0]!), timeoutMs });
  if (task.run === undefined)
    return lookEnded(turn, id, { kind: "failed", reason: "a command cannot be run beside a task of another executor" });
  const problem = lookBeside(turn, task.run, id, probe.command ?? {});
  if (problem !== undefined) return lookEnded(turn, id, { kind: "failed", reason: problem });
  if (timeoutMs > 0) out.wake(nowMs + timeoutMs, { for: "probe-overdue", look: id });
}

function targetOf(turn: Turn, task: AgentTask, { http, tcp }: Probe, host: string): ProbeTarget {
  const network = ownNetworkOf(turn, task);
  const inside = network === undefined ? {} : { inside: network.containerId };
  if (http === undefined) return { kind: "tcp", host, port: tcp?.port ?? 0, ...inside };
  const { port, path = "/", scheme, with_response } = http;
  return {
    kind: "http",
    host,
    port,
    scheme: scheme === "https" ? "https" : "http",
    path,
    ...(with_response === true ? { withResponse: true } : {}),
    ...inside,
  };
}

// A server may listen on all addresses, on loopback alone, or on the one that it is known by alone.
function hostsOf(turn: Turn, task: AgentTask, { type, http, tcp }: Probe): string[] {
  if (type === "COMMAND") return [];
  const family = (http ?? tcp)?.protocol ?? "IPv4";
  const network = ownNetworkOf(turn, task);
  const own =
    network === undefined
      ? agentAddress(turn, family)
      : network.addresses?.find(({ protocol }) => protocol === family)?.address;
  const loopback = family === "IPv6" ? "::1" : "127.0.0.1";
  return own === undefined || own === loopback ? [loopback] : [loopback, own];
}

function agentAddress({ state }: Turn, family: NetworkInfoProtocol): string | undefined {
  const { ip, hostname } = state.config;
  if (ip === "0.0.0.0" || ip === "::") return hostname;
  return ip.includes(":") === (family === "IPv6") ? ip : undefined;
}

/** The container in whose network the task listens; undefined: it has the agent's. */
function ownNetworkOf({ state }: Turn, task: AgentTask): Pick<Executor, "containerId" | "addresses"> | undefined {
  const { run, executor } = task;
  const outfit = run === undefined ? executorOutfit(state, executor) : taskOutfit(state, task, run);
  if (isRefusal(outfit) || outfit.isolation?.network.kind !== "own") return undefined;
  return run ?? executor;
}

function note(turn: Turn, task: AgentTask, probing: Probing, outcome: ProbeOutcome): void {
  const { probe } = probing;
  if (probe.http?.ignore_1xx === true && outcome.kind === "status" && outcome.status < 200) return;
  const message = complaint(probe, outcome);
  const result: Result = {
    task_id: task.info.task_id,
    probe_id: probe.id,
    succeeded: message === undefined,
    timestamp: turn.nowMs / 1000,
  };
  if (message !== undefined) result.message = message;
  if (outcome.kind === "status" && outcome.response !== undefined)
    result.response = { status: outcome.status, ...outcome.response };
  probing.last = result;
  probing.succeeded ||= result.succeeded;
  gather(turn, task.executor.framework, result);
}

/** Why this is no success; undefined when it is one. */
function complaint({ http, timeout_seconds }: Probe, outcome: ProbeOutcome): string | undefined {
  switch (outcome.kind) {
    case "reached":
      return undefined;
    case "status": {
      const { status } = outcome;
      const fits = http?.statuses?.length ? http.statuses.includes(status) : status >= 200 && status < 400;
      return fits ? undefined : `HTTP status ${status}`;
    }
    case "exit":
      return outcome.waitStatus === 0 ? undefined : describeExit({ waitStatus: outcome.waitStatus });
    case "failed":
      return outcome.reason;
    case "timeout":
      return `No answer within ${seconds(timeout_seconds, 20) / 1000} seconds`;
  }
}

function waitForNext(turn: Turn, task: AgentTask, probing: Probing): void {
  const regularMs = everyMs(probing.probe);
  const isEager = !probing.succeeded && turn.nowMs < probing.graceUntilMs;
  const waitMs = isEager ? Math.min(regularMs, Math.max(EAGER_MS, regularMs / EAGERNESS)) : regularMs;
  const spread = 1 - SPREAD + 2 * SPREAD * turn.state.random.next();
  remind(turn, task, probing, Math.max(turn.nowMs, probing.lookedMs + waitMs * spread));
}

function remind(turn: Turn, { info, executor }: AgentTask, { probe, nth }: Probing, atMs: number): void {
  turn.out.wake(atMs, {
    for: "probe",
    framework: executor.framework.id,
    task: info.task_id.value,
    probe: probe.id,
    nth,
  });
}

// Without a link nothing is kept: the next one begins with the last of each.
function gather(turn: Turn, framework: Framework, result: Result): void {
  const { telling, link } = turn.state;
  if (link.status !== "subscribed") return;
  put(turn, framework, result);
  if (telling.wakeAtMs !== undefined) return;
  const atMs = telling.toldMs + TOLD_EVERY_MS;
  if (atMs <= turn.nowMs) return flush(turn);
  telling.wakeAtMs = atMs;
  turn.out.wake(atMs, { for: "tell-probes", atMs });
}

function put({ state }: Turn, { id }: Framework, result: Result): void {
  const { waiting } = state.telling;
  let results = waiting.get(id);
  if (results === undefined) waiting.set(id, (results = new Map()));
  results.set(`${result.task_id.value}/${result.probe_id}`, result);
}

function flush({ state, nowMs, out }: Turn): void {
  const { telling, link } = state;
  telling.wakeAtMs = undefined;
  telling.toldMs = nowMs;
  for (const [framework, results] of telling.waiting) {
    const probed: MessageProbed = { framework_id: { value: framework }, results: [...results.values()] };
    if (link.status === "subscribed") out.tell(link.id, { type: "PROBED", probed });
  }
  telling.waiting.clear();
}

const everyMs = ({ interval_seconds }: Probe): number => Math.max(LEAST_INTERVAL_MS, seconds(interval_seconds, 10));

const seconds = (value: number | undefined, otherwise: number): number => Math.max(0, value ?? otherwise) * 1_000;
