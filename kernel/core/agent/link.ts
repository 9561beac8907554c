import type { CallSubscribe, Event, EventSubscribed } from "@meseta/api/mesos/generated/link.ts";
import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { drain, reactivate } from "./drain.ts";
import { messageToExecutor } from "./executor-api.ts";
import { updateFramework } from "./executors.ts";
import { kill, shutdownExecutor, shutdownFramework } from "./kill.ts";
import { run } from "./launch.ts";
import { leave } from "./leave.ts";
import { acknowledgeOperation, applyFromMaster, dropMissingOperations, resendOperations } from "./operations.ts";
import { tellAllProbes } from "./probing.ts";
import { keys } from "./saved.ts";
import { AGENT_CAPABILITIES, type Framework, type Turn } from "./state.ts";
import { bareStatus } from "./status.ts";
import { acknowledge, sendAgain, sendAll, updateUnknown } from "./updates.ts";
import { introduction } from "./views/agent-info.ts";
import { toTask } from "./views/task.ts";

/** Opens a link to the leading master, telling it all that is here. */
export function connect(turn: Turn): void {
  const { state, out } = turn;
  if (state.link.status !== "none" || (state.phase !== "running" && state.phase !== "ending")) return;
  state.link = { ...state.link, id: state.link.id + 1, status: "connecting", exits: [] };
  out.push({
    type: "connect",
    link: state.link.id,
    agentId: state.agentId,
    epoch: state.epoch,
    subscribe: subscription(turn),
  });
  out.wake(turn.nowMs + state.link.pingTimeoutMs, { for: "subscribed-watchdog", link: state.link.id });
}

/** A master that has taken the call and says nothing more, as when its machine has lost its power since, is given up: until it takes the agent in, nobody waits for pings. */
export function watchSubscribed(turn: Turn, link: number): void {
  const { state, out } = turn;
  if (link !== state.link.id || state.link.status !== "connecting") return;
  out.push({ type: "disconnect", link });
  linkClosed(turn, link, "the master has not taken the agent in for too long");
}

/** The link is gone: the next try comes after a random part of a wait that doubles up to a minute. */
export function linkClosed(turn: Turn, link: number, reason: string): void {
  const { state, out, nowMs } = turn;
  if (link !== state.link.id || state.link.status === "none") return;
  const { registrationBackoffMs, registrationBackoffMaxMs } = state.config;
  const mostMs = Math.min(registrationBackoffMs * 2 ** Math.min(state.link.attempts, 16), registrationBackoffMaxMs);
  const attempts = state.link.attempts + 1;
  if (isPowerOfTwo(attempts))
    out.log(state.link.status === "subscribed" ? "warn" : "info", "no link to a master", { reason, attempts });
  state.link = { ...state.link, status: "none", attempts };
  out.wake(nowMs + state.random.next() * mostMs, { for: "register", attempt: state.link.attempts });
}

// A master that is away for hours is told of a few times, not every five seconds.
const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

/** No ping for too long: the master, or the way to it, is lost. */
export function watchPings(turn: Turn, link: number): void {
  const { state, out, nowMs } = turn;
  if (link !== state.link.id || state.link.status !== "subscribed") return;
  const dueMs = state.link.lastPingMs + state.link.pingTimeoutMs;
  if (nowMs < dueMs) return out.wake(dueMs, { for: "ping-watchdog", link });
  out.push({ type: "disconnect", link });
  linkClosed(turn, link, "the master has not pinged for too long");
}

/** One event of the link. Events of an older link, or of a master that has been succeeded, mean nothing. */
export function linkEvent(turn: Turn, link: number, event: Event): void {
  const { state, out, nowMs } = turn;
  if (link !== state.link.id || state.link.status === "none") return;
  if (event.type === "SUBSCRIBED") return subscribed(turn, event.subscribed!);
  if (event.type === "ERROR") return out.log("error", "the master refused", { message: event.error?.message });
  if (event.type === "SHUTDOWN") return leave(turn, event.shutdown?.message ?? "");
  if (state.link.status !== "subscribed") return;
  // Whoever stood still for so long has been given up, and what waited in its socket meanwhile was meant for the one that it was: others may do it by now.
  if (nowMs >= state.link.lastPingMs + state.link.pingTimeoutMs) return watchPings(turn, link);
  state.link.lastPingMs = nowMs;
  if (namesNoFramework(event))
    return out.log("warn", "an event of the master names no framework", { type: event.type });
  obey(turn, event);
}

function namesNoFramework({ run, update_framework, apply_operation }: Event): boolean {
  const infos = [run, update_framework, apply_operation].map((part) => part?.framework_info);
  return infos.some((info) => info !== undefined && info.id === undefined);
}

function obey(turn: Turn, event: Event): void {
  const { state, out } = turn;
  switch (event.type) {
    case "PING":
      return out.tell(state.link.id, { type: "PONG" });
    case "RUN":
      return run(turn, event.run!);
    case "KILL":
      return kill(turn, event.kill!);
    case "ACKNOWLEDGE": {
      const { framework_id, task_id, uuid } = event.acknowledge!;
      return acknowledge(turn, framework_id.value, task_id.value, uuid);
    }
    case "SHUTDOWN_EXECUTOR": {
      const { framework_id, executor_id } = event.shutdown_executor!;
      const executor = state.frameworks.get(framework_id.value)?.executors.get(executor_id.value);
      return executor && shutdownExecutor(turn, executor);
    }
    case "SHUTDOWN_FRAMEWORK":
      return shutdownFramework(turn, event.shutdown_framework!.framework_id.value);
    case "UPDATE_FRAMEWORK":
      return describeFramework(turn, event.update_framework!.framework_info);
    case "ACKNOWLEDGE_OPERATION":
      return acknowledgeOperation(turn, event.acknowledge_operation!);
    case "APPLY_OPERATION":
      return applyFromMaster(turn, event.apply_operation!);
    case "DRAIN":
      return drain(turn, event.drain!.config);
    case "REACTIVATE":
      return reactivate(turn);
    case "FRAMEWORK_MESSAGE": {
      const { framework_id, executor_id, data } = event.framework_message!;
      return messageToExecutor(turn, framework_id.value, executor_id.value, data);
    }
    default:
      return out.log("warn", "unknown event from the master", { type: event.type });
  }
}

// The master says so when the framework is another, and when its scheduler is.
function describeFramework(turn: Turn, info: FrameworkInfo): void {
  updateFramework(turn, info);
  sendAgain(turn, info.id!.value);
}

function subscribed(turn: Turn, event: EventSubscribed): void {
  const { state, out, nowMs } = turn;
  const { agent_id, epoch, master_info } = event;
  if (epoch < state.epoch) {
    out.push({ type: "disconnect", link: state.link.id });
    return linkClosed(turn, state.link.id, "this master has been succeeded by another");
  }
  if (state.agentId !== undefined && state.agentId !== agent_id.value)
    return leave(turn, `the master gave another id, ${agent_id.value}`);
  if (state.agentId === undefined || epoch > state.epoch)
    out.save(keys.identity(), { agentId: agent_id.value, epoch, hostname: state.config.hostname });
  state.agentId = agent_id.value;
  state.epoch = epoch;
  state.masterHostname = master_info.hostname ?? undefined;
  const pingTimeoutMs = event.ping_timeout_seconds * 1000;
  const { id, exits } = state.link;
  state.link = { id, status: "subscribed", attempts: 0, pingTimeoutMs, lastPingMs: nowMs, exits: [] };
  out.wake(nowMs + pingTimeoutMs, { for: "ping-watchdog", link: state.link.id });
  out.log("info", "registered", { agent: state.agentId, master: master_info.hostname });
  for (const executor_exited of exits) out.tell(id, { type: "EXECUTOR_EXITED", executor_exited });
  sendAll(turn);
  tellAllProbes(turn);
  answerMissing(turn, event);
  resendOperations(turn);
  if (event.drain_config !== undefined) drain(turn, event.drain_config);
}

// The master believes in tasks that never came here: it hears that they were dropped. An end that is under way is enough of an answer.
function answerMissing(turn: Turn, { missing_tasks, missing_operations }: EventSubscribed): void {
  for (const { framework_id, task_id, executor_id } of missing_tasks ?? []) {
    if (turn.state.updates.has(`${framework_id.value}/${task_id.value}`)) continue;
    const framework = turn.state.frameworks.get(framework_id.value);
    if (framework?.tasks.has(task_id.value)) continue;
    const stranger = framework ?? strangeFramework(framework_id.value);
    const status = bareStatus(turn, stranger, task_id.value, {
      state: "TASK_DROPPED",
      message: "Task is unknown to the agent",
      reason: "REASON_RECONCILIATION",
      source: "SOURCE_AGENT",
    });
    if (executor_id !== undefined) status.executor_id = executor_id;
    updateUnknown(turn, stranger, status);
  }
  dropMissingOperations(turn, missing_operations ?? []);
}

// Nothing is known of its framework: the master turns the state into TASK_LOST for one that is not partition aware.
function strangeFramework(id: string): Framework {
  const info = { user: "", name: "", id: { value: id }, capabilities: [{ type: "PARTITION_AWARE" as const }] };
  return { id, info, removed: false, executors: new Map(), tasks: new Map(), completed: [] };
}

/** No addresses that others could call: then the master takes the one that it sees. */
const LISTENS_EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function subscription(turn: Turn): CallSubscribe {
  const { state } = turn;
  const frameworks = [...state.frameworks.values()].filter((framework) => !framework.removed);
  const subscribe: CallSubscribe = {
    agent_info: introduction(state),
    version: state.config.version,
    capabilities: AGENT_CAPABILITIES,
    total_resources: state.total,
    resource_version: state.resourceVersion,
    frameworks: frameworks.map((framework) => framework.info),
    executors: frameworks.flatMap((framework) =>
      [...framework.executors.values()]
        .filter((executor) => executor.kind !== "command" && executor.state !== "terminated")
        .map((executor) => ({ framework_id: { value: framework.id }, executor_info: executor.info })),
    ),
    tasks: frameworks.flatMap((framework) => [...framework.tasks.values()].map((task) => toTask(state, task))),
    operations: [...state.operations.values()].map(({ operation }) => operation),
  };
  if (!LISTENS_EVERYWHERE.has(state.config.ip)) subscribe.ip = state.config.ip;
  if (state.drain !== undefined) subscribe.drain_config = state.drain.config;
  return subscribe;
}
