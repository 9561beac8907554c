import { expect, test } from "vitest";
import { capabilitiesNamed, Stage, shown } from "./stage.rig.ts";

test("an agent that registers gets an id, what it must know of the master, and its first ping; it is durable and published", () => {
  const stage = new Stage();
  stage.watch();
  const agent = stage.agent();
  expect(agent.id).toBe(`${stage.state.id}-S0`);
  expect(agent.log.state).toBe("open");
  expect(agent.take()).toEqual([
    {
      type: "SUBSCRIBED",
      subscribed: {
        ...{ agent_id: { value: agent.id }, epoch: 1, master_info: stage.state.info },
        ...{
          ping_interval_seconds: 15,
          ping_timeout_seconds: 75,
          missing_tasks: [],
          missing_operations: [],
          link_version: 1,
        },
      },
    },
    { type: "PING" },
  ]);
  expect(stage.records.has(`agent/${agent.id}`)).toBe(true);
  expect(stage.published).toMatchObject([{ agent_added: { agent: { agent_info: { id: { value: agent.id } } } } }]);
});

test("an agent that asks again without an id, because the answer was lost, gets the same id", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const { id } = agent;
  agent.id = "";
  agent.subscribe();
  expect(agent.id).toBe(id);
  expect(stage.state.agents.size).toBe(1);
});

test("a new agent at the place of another replaces it: the other's tasks are lost to every framework", () => {
  const stage = new Stage();
  stage.watch();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const { id } = agent;
  Object.assign(agent, { id: "", epoch: undefined, bootId: "boot-2" });
  agent.subscribe();
  expect(agent.id).not.toBe(id);
  expect([...stage.state.agents.keys()]).toEqual([agent.id]);
  const events = framework.take();
  expect(events.flatMap(({ update }) => update ?? [])).toMatchObject([
    { status: { task_id: { value: "t" }, state: "TASK_LOST", reason: "REASON_AGENT_REMOVED" } },
  ]);
  expect(events.filter(({ type }) => type === "FAILURE")).toEqual([
    { type: "FAILURE", failure: { agent_id: { value: id } } },
  ]);
  expect(stage.published.map(({ type }) => type)).toContain("AGENT_REMOVED");
  expect([...stage.records.keys()].filter((key) => key.startsWith("agent/"))).toEqual([`agent/${agent.id}`]);
});

test("what a master cannot take is refused before anything changes", () => {
  const stage = new Stage();
  const refusalOf = (change: (agent: ReturnType<Stage["agent"]>) => void) => {
    const agent = stage.agent();
    agent.leave();
    change(agent);
    agent.subscribe();
    return agent.log.refusal;
  };
  expect(refusalOf((agent) => Object.assign(agent, { epoch: 9 }))).toEqual({
    status: 409,
    text: "This master's epoch 1 is over: the agent has met epoch 9",
  });
  expect(refusalOf((agent) => Object.assign(agent, { id: "a/b" }))?.status).toBe(400);
  const negative = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: -1 } }];
  expect(stage.agent("", { total_resources: negative }).log.refusal?.text).toContain("Invalid scalar resource");
  const domain = { fault_domain: { region: { name: "r" }, zone: { name: "z" } } };
  expect(stage.agent("cpus:1", { agent_info: { hostname: "h", domain } }).log.refusal?.status).toBe(400);
});

test("calls that are not of the process that is subscribed are refused with 409, so that it subscribes again", () => {
  const stage = new Stage();
  const agent = stage.agent();
  expect(agent.pong()).toEqual({ status: 202 });
  expect(agent.call({ boot_id: "other" }).status).toBe(409);
  expect(agent.call({ epoch: 0 }).status).toBe(409);
  expect(agent.call({ agent_id: { value: "stranger" } }).status).toBe(409);
  expect(agent.call({ link_version: 2 }).status).toBe(400);
  agent.leave();
  expect(agent.pong().status).toBe(409);
});

test("an agent that says farewell is removed: its tasks are lost, even to a framework that knows partitions", () => {
  const stage = new Stage();
  stage.watch();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  framework.take();
  expect(agent.call({ type: "UNSUBSCRIBE" }).status).toBe(202);
  expect(framework.shownUpdates()).toEqual(["t TASK_LOST REASON_AGENT_REMOVED"]);
  expect(framework.held!.completedTasks).toHaveLength(1);
  expect(agent.log.state).toBe("closed");
  expect(stage.state.agents.size).toBe(0);
});

test("an agent that misses five pings is unreachable after 75 seconds, also when its stream broke long before", () => {
  for (const leaves of [false, true]) {
    const stage = new Stage();
    const agent = stage.agent();
    agent.isSilent = true;
    if (leaves) agent.leave();
    stage.pass(74_999);
    expect(stage.state.agents.size).toBe(1);
    stage.pass(1);
    expect(stage.state.agents.size).toBe(0);
    expect([...stage.state.unreachableAgents.keys()]).toEqual([agent.id]);
    expect(stage.records.has(`unreachable/${agent.id}`)).toBe(true);
    expect(stage.records.has(`agent/${agent.id}`)).toBe(false);
  }
});

test("a pong in time starts the count anew", () => {
  const stage = new Stage();
  const agent = stage.agent();
  agent.isSilent = true;
  stage.pass(74_999);
  agent.pong();
  stage.pass(75_000);
  expect(stage.state.agents.size).toBe(1);
  stage.pass(15_000);
  expect(stage.state.agents.size).toBe(0);
});

test("where pings are slow, the time that a disconnected agent may stay away is the limit", () => {
  const stage = new Stage({ pingIntervalMs: 3_600_000 });
  const agent = stage.agent();
  agent.leave();
  agent.subscribe();
  agent.leave();
  stage.pass(599_999);
  expect(stage.state.agents.size).toBe(1);
  stage.pass(1);
  expect(stage.state.agents.size).toBe(0);
});

test("tasks of an unreachable agent are unreachable or lost; when it comes back with them they run as before", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const knowing = stage.framework();
  knowing.launch(agent, "a");
  const plain = stage.framework({ capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  knowing.call({ type: "SUPPRESS" });
  knowing.leave();
  knowing.subscribe({ suppressed_roles: ["eng"] });
  plain.launch(agent, "b");
  const container_status = { executor_pid: 7 };
  for (const [framework, id] of [
    [knowing, "a"],
    [plain, "b"],
  ] as const)
    framework.acknowledge(agent.update(framework, id, "TASK_RUNNING", { container_status }));
  const tasks = [knowing.held!.tasks.get("a")!.task, plain.held!.tasks.get("b")!.task];
  const frameworks = [knowing.held!.info, plain.held!.info];
  knowing.take();
  plain.take();
  agent.isSilent = true;
  stage.pass(90_000);
  const events = knowing.take().filter(({ type }) => type !== "HEARTBEAT" && type !== "OFFERS");
  expect(events).toMatchObject([
    {
      update: {
        status: {
          ...{ state: "TASK_UNREACHABLE", message: "health check timed out", reason: "REASON_AGENT_REMOVED" },
          unreachable_time: { nanoseconds: expect.any(Number) },
        },
      },
    },
    { failure: { agent_id: { value: agent.id } } },
  ]);
  expect(plain.shownUpdates()).toEqual(["b TASK_LOST REASON_AGENT_REMOVED"]);
  expect(knowing.held!.unreachableTasks.size).toBe(1);
  agent.isSilent = false;
  agent.subscribe({ tasks, frameworks });
  expect(knowing.takeUpdates()).toMatchObject([
    {
      ...{ state: "TASK_RUNNING", message: "Unreachable agent re-reregistered", container_status },
      reason: "REASON_AGENT_REREGISTERED",
    },
  ]);
  expect(knowing.held!.unreachableTasks.size).toBe(0);
  expect(plain.held!.tasks.get("b")!.task.state).toBe("TASK_RUNNING");
  expect(stage.records.has(`unreachable/${agent.id}`)).toBe(false);
  const used = stage.state.allocator.metrics().resources;
  expect(used["cpus"]).toEqual({ total: 4, offeredOrAllocated: 4 });
});

test("a framework that has not heard yet how its task ended is told that it is unreachable or gone with its agent; what came of it stays, and the agent tells it when it is back", () => {
  const stage = new Stage();
  const agent = stage.agent("cpus:4;mem:1024");
  const framework = stage.framework();
  framework.launch(agent, "t", "u");
  const frameworks = [framework.held!.info];
  agent.update(framework, "t", "TASK_RUNNING", {}, "TASK_FINISHED");
  framework.acknowledge(agent.update(framework, "u", "TASK_RUNNING"));
  agent.update(framework, "u", "TASK_FAILED");
  const tasks = [framework.held!.tasks.get("t")!.task];
  framework.take();
  agent.isSilent = true;
  stage.pass(90_000);
  expect(framework.shownUpdates()).toEqual(["t TASK_UNREACHABLE REASON_AGENT_REMOVED"]);
  expect(framework.held!.completedTasks.map(({ task }) => task.state)).toEqual(["TASK_FINISHED", "TASK_FAILED"]);
  agent.isSilent = false;
  agent.subscribe({ tasks, frameworks });
  expect(framework.shownUpdates()).toEqual(["t TASK_RUNNING REASON_AGENT_REREGISTERED"]);
  expect(framework.held!.untoldEnds.size).toBe(0);
  framework.acknowledge(agent.update(framework, "t", "TASK_FINISHED"));
  expect(framework.shownUpdates()).toEqual(["t TASK_FINISHED"]);
});

test("an id that was used again while the agent was away is not taken over: that old task is killed", () => {
  const stage = new Stage();
  const [agent, other] = [stage.agent(), stage.agent()];
  const framework = stage.framework({ capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  const offers = framework.takeOffers();
  const launch = (agentId: string) =>
    framework.accept(
      offers.filter(({ agent_id }) => agent_id.value === agentId),
      [{ type: "LAUNCH", launch: { task_infos: [{ ...stageTask(agentId) }] } }],
    );
  launch(agent.id);
  const tasks = [framework.held!.tasks.get("t")!.task];
  agent.call({ type: "UNSUBSCRIBE" });
  launch(other.id);
  // So long ago that nobody remembers the removal.
  stage.state.removedAgents.clear();
  agent.subscribe({ tasks, frameworks: [framework.held!.info] });
  expect(agent.take("KILL")).toHaveLength(1);
  expect(framework.held!.tasks.get("t")!.task.agent_id.value).toBe(other.id);
});

function stageTask(agentId: string) {
  const resources = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: 1 } }];
  return { name: "t", task_id: { value: "t" }, agent_id: { value: agentId }, resources, command: { value: "true" } };
}

test("what the agent lacks of what the master holds is asked back, executors too are forgotten", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "kept", "missing");
  const tasks = [framework.held!.tasks.get("kept")!.task];
  agent.leave();
  agent.bootId = "boot-2";
  agent.subscribe({ tasks });
  expect(agent.take("SUBSCRIBED")[0]!.subscribed!.missing_tasks).toEqual([
    { framework_id: { value: framework.id }, task_id: { value: "missing" } },
  ]);
  framework.take();
  framework.acknowledge(agent.update(framework, "missing", "TASK_DROPPED", { reason: "REASON_RECONCILIATION" }));
  expect([...framework.held!.tasks.keys()]).toEqual(["kept"]);
});

test("a second stream of the same agent replaces the first, whose end then means nothing", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const old = agent.log;
  agent.subscribe();
  expect(old.state).toBe("closed");
  stage.apply({ type: "stream-closed", stream: old.stream });
  expect(stage.state.agents.get(agent.id)!.connection).toBe("connected");
});

test("tasks that are not checkpointed are lost when the agent's stream breaks, and killed if they come back", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ checkpoint: false });
  framework.launch(agent, "t");
  const tasks = [framework.held!.tasks.get("t")!.task];
  framework.take();
  agent.leave();
  expect(framework.takeUpdates()).toMatchObject([
    { state: "TASK_LOST", reason: "REASON_AGENT_DISCONNECTED", message: "Agent host disconnected" },
  ]);
  agent.subscribe({ tasks, frameworks: [framework.held!.info] });
  expect(agent.take("KILL")).toHaveLength(1);
  expect(framework.held!.tasks.size).toBe(0);
  expect(shown(framework.takeOffers().at(-1)!.resources)).toBe("cpus:4; mem:1024; disk:1000");
});

test("what was lost so stays lost when the agent comes back after it was unreachable, and its old updates are acknowledged alone", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ checkpoint: false });
  framework.launch(agent, "t");
  const tasks = [framework.held!.tasks.get("t")!.task];
  agent.leave();
  stage.pass(700_000);
  expect(stage.state.unreachableAgents.has(agent.id)).toBe(true);
  framework.take();
  agent.subscribe({ tasks, frameworks: [framework.held!.info] });
  expect(agent.take("KILL")).toHaveLength(1);
  agent.update(framework, "t", "TASK_RUNNING");
  expect(agent.take("ACKNOWLEDGE")).toHaveLength(1);
  expect(framework.takeUpdates()).toEqual([]);
  expect(framework.held!.tasks.size).toBe(0);
});

test("a framework that was torn down while the agent was away is shut down when it comes back", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const { info, tasks } = framework.held!;
  const report = { frameworks: [info], tasks: [tasks.get("t")!.task] };
  agent.isSilent = true;
  stage.pass(90_000);
  framework.call({ type: "TEARDOWN" });
  agent.subscribe(report);
  expect(agent.take("SHUTDOWN_FRAMEWORK")).toHaveLength(1);
  expect(stage.state.agents.get(agent.id)!.tasks.size).toBe(0);
});

test("a gone agent's tasks are gone, it is told to stop now, and again whenever it returns", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  framework.take();
  agent.take();
  stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: agent.id } } });
  expect(framework.takeUpdates()).toMatchObject([
    {
      ...{ state: "TASK_GONE_BY_OPERATOR", reason: "REASON_AGENT_REMOVED_BY_OPERATOR" },
      message: "Agent has been marked gone",
    },
  ]);
  expect(agent.take().map(({ type }) => type)).toEqual(["SHUTDOWN"]);
  stage.restart();
  agent.subscribe();
  expect(agent.take()).toEqual([{ type: "SHUTDOWN", shutdown: { message: "Agent has been marked gone" } }]);
  expect(agent.log.state).toBe("closed");
});

test("an unreachable agent can be marked gone: its tasks turn from unreachable to gone", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  agent.isSilent = true;
  stage.pass(90_000);
  framework.take();
  stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: agent.id } } });
  expect(framework.shownUpdates()).toEqual(["t TASK_GONE_BY_OPERATOR REASON_AGENT_REMOVED_BY_OPERATOR"]);
  expect(framework.held!.unreachableTasks.size).toBe(0);
  expect(framework.held!.completedTasks.map(({ task }) => task.state)).toEqual(["TASK_GONE_BY_OPERATOR"]);
});

test("when an unreachable agent is marked gone, a framework is told so of what ended there unheard, but of an id that it uses again; not by who ended it where it knows no partitions", () => {
  const stage = new Stage();
  const [agent, other] = [stage.agent("cpus:16;mem:16384"), stage.agent()];
  const knowing = stage.framework();
  const plain = stage.framework({ capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  knowing.launch(agent, "unheard", "again", "heard");
  plain.launch(agent, "p", "q");
  for (const task of ["unheard", "again"]) agent.update(knowing, task, "TASK_RUNNING", {}, "TASK_FINISHED");
  agent.update(knowing, "heard", "TASK_FINISHED");
  agent.update(plain, "p", "TASK_RUNNING", {}, "TASK_FINISHED");
  agent.isSilent = true;
  stage.pass(90_000);
  const told = [knowing, plain].map((one) => one.shownUpdates().filter((line) => line.endsWith("AGENT_REMOVED")));
  expect(told.map((lines) => lines.length)).toEqual([2, 2]);
  knowing.launch(other, "again");
  knowing.take();
  stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: agent.id } } });
  expect(knowing.shownUpdates()).toEqual(["unheard TASK_GONE_BY_OPERATOR REASON_AGENT_REMOVED_BY_OPERATOR"]);
  expect(plain.shownUpdates().toSorted()).toEqual([
    "p TASK_LOST REASON_AGENT_REMOVED",
    "q TASK_LOST REASON_AGENT_REMOVED",
  ]);
  expect([knowing, plain].map(({ held }) => held!.untoldEnds.size)).toEqual([0, 0]);
});

test("an agent on a machine that is down is told to stop", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const machines = [{ hostname: "host", ip: "10.0.0.1" }];
  const windows = [{ machine_ids: machines, unavailability: { start: { nanoseconds: 0 } } }];
  stage.operate({ type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows } } });
  expect(stage.operate({ type: "START_MAINTENANCE", start_maintenance: { machines } }).status).toBe(200);
  expect(stage.state.agents.size).toBe(0);
  agent.take();
  agent.subscribe();
  expect(agent.take().map(({ type }) => type)).toEqual(["SHUTDOWN"]);
});

test("an agent that was removed while it was away does not come back under its old id, not even after a restart of the master", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  agent.leave();
  const machines = [{ hostname: "host", ip: "10.0.0.1" }];
  const windows = [{ machine_ids: machines, unavailability: { start: { nanoseconds: 0 } } }];
  stage.operate({ type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows } } });
  stage.operate({ type: "START_MAINTENANCE", start_maintenance: { machines } });
  stage.operate({ type: "STOP_MAINTENANCE", stop_maintenance: { machines } });
  stage.restart();
  agent.take();
  agent.subscribe();
  const message = "Agent attempted to re-register after removal";
  expect(agent.take()).toEqual([{ type: "SHUTDOWN", shutdown: { message } }]);
  expect(agent.log.state).toBe("closed");
  const old = agent.id;
  Object.assign(agent, { id: "", epoch: undefined, bootId: "boot-2" });
  agent.subscribe();
  expect([...stage.state.agents.keys()]).toEqual([agent.id]);
  expect(agent.id).not.toBe(old);
});

test("an agent that unregistered, or whose place another took, stays removed for two weeks", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const { id } = agent;
  agent.call({ type: "UNSUBSCRIBE" });
  agent.take();
  agent.subscribe();
  expect(agent.take("SHUTDOWN")).toHaveLength(1);
  expect([...stage.records.keys()].filter((key) => key.includes(id))).toEqual([`removed-agent/${id}`]);
  stage.pass(14 * 24 * 3_600_000);
  stage.pass(15 * 60_000);
  expect(stage.state.removedAgents.size).toBe(0);
  expect([...stage.records.keys()].filter((key) => key.includes(id))).toEqual([]);
});

test("where the pace is limited, agents that are away become unreachable one by one, and who answers again in time is spared", () => {
  const stage = new Stage({ agentRemovalIntervalMs: 600_000 });
  const agents = [stage.agent(), stage.agent(), stage.agent()];
  const counted = (name: string) => stage.state.counters.get(`master/slave_unreachable_${name}`);
  for (const agent of agents) agent.isSilent = true;
  stage.pass(90_000);
  expect([...stage.state.unreachableAgents.keys()]).toEqual([agents[0]!.id]);
  expect([counted("scheduled"), counted("completed")]).toEqual([3, 1]);
  agents[1]!.isSilent = false;
  stage.pass(600_000);
  expect([...stage.state.unreachableAgents.keys()]).toEqual([agents[0]!.id, agents[2]!.id]);
  expect(stage.state.agents.has(agents[1]!.id)).toBe(true);
  expect([counted("scheduled"), counted("completed"), counted("canceled")]).toEqual([3, 2, 1]);
});

test("the pace holds for agents that did not come back after a restart of the master, and for those that come back late", () => {
  const stage = new Stage({ agentRemovalIntervalMs: 600_000 });
  const agents = [stage.agent(), stage.agent(), stage.agent()];
  stage.restart();
  stage.pass(600_000);
  expect([...stage.state.unreachableAgents.keys()]).toEqual([agents[0]!.id]);
  agents[1]!.subscribe();
  stage.pass(600_000);
  expect([...stage.state.agents.values()].map(({ connection }) => connection)).toEqual(["connected"]);
  expect(stage.state.unreachableAgents.size).toBe(2);
});

test("agents older than 1.0.0, and those without a domain where one is required, are refused", () => {
  const stage = new Stage({ requireAgentDomain: true, domain: { region: "r", zone: "z" } });
  const domain = { fault_domain: { region: { name: "r" }, zone: { name: "z" } } };
  const agent_info = { hostname: "h", domain };
  expect(stage.agent("cpus:1").log.refusal?.text).toContain("The agent has no domain");
  expect(stage.agent("cpus:1", { agent_info, version: "0.28.2" }).log.refusal?.text).toContain("'0.28.2'");
  expect(stage.agent("cpus:1", { agent_info, version: "new" }).log.refusal?.status).toBe(400);
  expect(stage.agent("cpus:1", { agent_info, version: "1.11.0-rc1" }).log.state).toBe("open");
});

test("a drained agent is drained when its last task is acknowledged, and then gone if that was asked for", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const drain_agent = { agent_id: { value: agent.id }, mark_gone: true };
  expect(stage.operate({ type: "DRAIN_AGENT", drain_agent }).status).toBe(200);
  expect(agent.take("DRAIN")).toHaveLength(1);
  const killed = agent.update(framework, "t", "TASK_GONE_BY_OPERATOR", { reason: "REASON_AGENT_DRAINING" });
  expect(stage.state.agents.get(agent.id)!.drain!.info.state).toBe("DRAINING");
  framework.acknowledge(killed);
  expect(stage.state.goneAgents.has(agent.id)).toBe(true);
});

test("an agent that is disconnected is drained when all that it still ran was lost with its link", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ checkpoint: false });
  framework.launch(agent, "t");
  stage.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id: { value: agent.id } } });
  expect(stage.state.agents.get(agent.id)!.drain!.info.state).toBe("DRAINING");
  agent.leave();
  expect(stage.state.agents.get(agent.id)!.drain!.info.state).toBe("DRAINED");
  expect(stage.operate({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id: { value: agent.id } } }).status).toBe(
    200,
  );
});

test("an agent that comes back while it is to be drained is told so, and makes no offers", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  agent.isSilent = true;
  stage.pass(90_000);
  stage.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id: { value: agent.id } } });
  framework.take();
  agent.isSilent = false;
  agent.subscribe();
  expect(agent.take("SUBSCRIBED")[0]!.subscribed!.drain_config).toEqual({ mark_gone: false });
  expect(stage.state.agents.get(agent.id)!.drain!.info.state).toBe("DRAINED");
  expect(framework.takeOffers()).toEqual([]);
});

test("an agent that was reactivated while it was away is told so", () => {
  const stage = new Stage();
  const agent = stage.agent();
  agent.subscribe({ drain_config: {} });
  expect(agent.take("REACTIVATE")).toHaveLength(1);
});

test("agents of one name and port on different machines are different agents", () => {
  const stage = new Stage();
  const [agent, other] = [stage.agent(), stage.agent("cpus:1", { agent_info: { hostname: "host", port: 6000 } })];
  Object.assign(agent, { id: "", epoch: undefined, bootId: "boot-2", address: "10.0.0.2" });
  agent.subscribe({ agent_info: other.subscribed.agent_info });
  expect(stage.state.agents.has(other.id)).toBe(true);
});

test("an agent's address is the one that it advertises, else where its connection comes from", () => {
  const stage = new Stage();
  const agent = stage.agent();
  expect(stage.state.agents.get(agent.id)!.address).toBe("10.0.0.1");
  agent.subscribe({ ip: "10.0.0.9" });
  expect(stage.state.agents.get(agent.id)!.address).toBe("10.0.0.9");
});

test("an agent of a newer release is let in by the version of the link that both speak; one that has none in common is told who is too old", () => {
  const stage = new Stage();
  const agent = stage.agent();
  agent.leave();
  agent.speaks = { link_version: 2, oldest_link_version: 1 };
  agent.subscribe();
  expect(agent.events.find(({ type }) => type === "SUBSCRIBED")?.subscribed?.link_version).toBe(1);
  expect(agent.call({ link_version: 2, oldest_link_version: 1 }).status).toBe(400);
  expect(agent.pong().status).toBe(202);
  agent.leave();
  agent.speaks = { link_version: 3, oldest_link_version: 2 };
  agent.subscribe();
  expect(agent.log.refusal?.text).toContain("the master is of too old a release");
});
