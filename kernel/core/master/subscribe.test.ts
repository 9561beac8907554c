import { expect, test } from "vitest";
import { capabilitiesNamed, Stage } from "./stage.rig.ts";

test("a framework that subscribes gets an id, a stream id, SUBSCRIBED and a heartbeat, and one more every 15 seconds", () => {
  const stage = new Stage();
  const framework = stage.framework();
  expect(framework.log.state).toBe("open");
  expect(framework.log.headers["Mesos-Stream-Id"]).toMatch(/^[0-9a-f-]{36}$/);
  const [subscribed, ...rest] = framework.take();
  expect(subscribed).toMatchObject({
    type: "SUBSCRIBED",
    subscribed: {
      framework_id: { value: `${stage.state.id}-0000` },
      heartbeat_interval_seconds: 15,
      master_info: { id: stage.state.id, ip: 16777343, port: 5050, pid: "master@127.0.0.1:5050" },
    },
  });
  expect(rest).toEqual([{ type: "HEARTBEAT" }]);
  stage.pass(30_000);
  expect(framework.take()).toEqual([{ type: "HEARTBEAT" }, { type: "HEARTBEAT" }]);
});

test("a subscription that is not valid is answered by one ERROR event and the end of the stream, and changes nothing", () => {
  const stage = new Stage({ roleWhitelist: ["eng"], rootSubmissions: false });
  const refused: [Parameters<Stage["framework"]>[0], string][] = [
    [{ role: "x" }, "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable"],
    [{ capabilities: [] }, "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable"],
    [{ roles: ["/a"] }, "'FrameworkInfo.roles' contains invalid role: Role '/a' cannot start with a slash"],
    [{ failover_timeout: 1e300 }, "The framework failover_timeout (1e+300) is invalid"],
  ];
  for (const [info, message] of refused) {
    const framework = stage.framework(info);
    expect(framework.log.state).toBe("closed");
    expect(framework.take()).toEqual([{ type: "ERROR", error: { message } }]);
  }
  expect(stage.framework({ roles: ["ops"] }).log.state).toBe("closed");
  expect(stage.framework({ user: "root" }).log.state).toBe("closed");
  expect(stage.framework({}, { suppressed_roles: ["ops"] }).log.state).toBe("closed");
  expect(stage.state.frameworks.size).toBe(0);
  expect(stage.records.size).toBe(0);
});

test("a newer subscription fails the older over, with a new stream id, and its offers are discarded silently", () => {
  const stage = new Stage();
  stage.agent();
  const framework = stage.framework();
  const [offer] = framework.takeOffers();
  const [old, oldStreamId] = [framework.log, framework.log.headers["Mesos-Stream-Id"]];
  framework.subscribe();
  expect(old.events.slice(2)).toEqual([{ type: "ERROR", error: { message: "Framework failed over" } }]);
  expect(old.state).toBe("closed");
  expect(framework.log.headers["Mesos-Stream-Id"]).not.toBe(oldStreamId);
  const [again] = framework.takeOffers();
  expect(again!.id).not.toEqual(offer!.id);
  expect(framework.call({ type: "REVIVE" }, oldStreamId)).toEqual({
    status: 400,
    text: `The stream ID '${oldStreamId}' included in this request didn't match the stream ID currently associated with framework ID ${framework.id}`,
  });
  stage.apply({ type: "stream-closed", stream: old.stream });
  expect(framework.held!.connection).toBe("connected");
});

test("calls of an unknown framework, of one without a stream, and without the stream id are refused in that order", () => {
  const stage = new Stage();
  const framework = stage.framework();
  expect(framework.call({ type: "REVIVE", framework_id: { value: "nobody" } })).toEqual({
    status: 400,
    text: "Framework cannot be found",
  });
  const request = (streamId: string | undefined, principal?: string) =>
    stage.request((number) => ({
      ...{ type: "scheduler-call", request: number, streamId, principal },
      call: { type: "REVIVE", framework_id: { value: framework.id } },
    }));
  expect(request(undefined).text).toBe("All non-subscribe calls should include the 'Mesos-Stream-Id' header");
  expect(request(undefined, "else").text).toContain("Authenticated principal 'else' does not match principal 'p'");
  framework.leave();
  expect(request("any").status).toBe(403);
});

test("when its stream breaks a framework keeps its tasks for its failover timeout, and is torn down after it", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ failover_timeout: 60 });
  framework.launch(agent, "t");
  framework.leave();
  expect(stage.state.offers.size).toBe(0);
  stage.pass(59_999);
  expect(framework.held!.tasks.size).toBe(1);
  framework.subscribe();
  framework.leave();
  stage.pass(59_999);
  expect(framework.held!.tasks.size).toBe(1);
  agent.take();
  stage.pass(1);
  expect(framework.held).toBeUndefined();
  expect(agent.take("SHUTDOWN_FRAMEWORK")).toHaveLength(1);
});

test("without a failover timeout a framework is gone with its stream, and its id is never taken again", () => {
  const stage = new Stage({ maxCompletedFrameworks: 1 });
  const framework = stage.framework({ failover_timeout: 0 });
  framework.leave();
  stage.framework({ failover_timeout: 0 }).leave();
  expect(stage.state.completedFrameworks.size).toBe(1);
  stage.restart();
  framework.subscribe();
  expect(framework.take()).toEqual([{ type: "ERROR", error: { message: "Framework has been removed" } }]);
});

test("TEARDOWN shuts the framework down on its agents, ends its stream, and its tasks become history as killed", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const { log } = framework;
  agent.take();
  expect(framework.call({ type: "TEARDOWN" })).toEqual({ status: 202 });
  expect(log.state).toBe("closed");
  expect(agent.take()).toEqual([
    { type: "SHUTDOWN_FRAMEWORK", shutdown_framework: { framework_id: { value: framework.id } } },
  ]);
  const completed = stage.state.completedFrameworks.get(framework.id)!;
  expect(completed.completedTasks.map(({ task }) => [task.state, task.statuses!.at(-1)!.reason])).toEqual([
    ["TASK_KILLED", "REASON_FRAMEWORK_REMOVED"],
  ]);
  expect(framework.call({ type: "REVIVE" }).text).toBe("Framework cannot be found");
  const other = stage.framework();
  expect(other.shownOffers()).toEqual([`${agent.id}: cpus:4; mem:1024; disk:1000`]);
});

test("on coming back a framework keeps user and checkpoint and changes the rest, and its agents learn of it", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  agent.take();
  framework.info = { ...framework.info, user: "else", checkpoint: false, name: "new", roles: ["eng", "ops"] };
  framework.subscribe();
  expect(framework.held!.info).toMatchObject({ user: "someone", checkpoint: true, name: "new", roles: ["eng", "ops"] });
  expect(agent.take("UPDATE_FRAMEWORK")[0]!.update_framework!.framework_info.name).toBe("new");
});

test("when a framework comes back, agents whose updates it has not acknowledged are told, and no others", () => {
  const stage = new Stage();
  const heard = stage.agent();
  const framework = stage.framework();
  framework.launch(heard, "a");
  const unheard = stage.agent();
  framework.launch(unheard, "b");
  framework.acknowledge(heard.update(framework, "a", "TASK_RUNNING"));
  unheard.update(framework, "b", "TASK_RUNNING");
  for (const agent of [heard, unheard]) agent.take();
  framework.subscribe();
  expect(heard.take("UPDATE_FRAMEWORK")).toEqual([]);
  expect(unheard.take("UPDATE_FRAMEWORK")[0]!.update_framework!.framework_info).toEqual(framework.held!.info);
});

test("UPDATE_FRAMEWORK changes all that may change, or nothing", () => {
  const stage = new Stage();
  const framework = stage.framework();
  const update = (framework_info: typeof framework.info, suppressed_roles: string[] = []) =>
    framework.call({ type: "UPDATE_FRAMEWORK", update_framework: { framework_info, suppressed_roles } });
  expect(update({ ...framework.info, user: "nobody" })).toEqual({
    status: 400,
    text: "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'someone' to 'nobody'",
  });
  expect(update({ ...framework.info, roles: ["eng", "ops"] }, ["nope"]).status).toBe(400);
  expect([...framework.held!.roles]).toEqual(["eng"]);
  expect(update({ ...framework.info, roles: ["eng", "ops"] }, ["ops"])).toEqual({ status: 200 });
  expect([...framework.held!.roles]).toEqual(["eng", "ops"]);
  expect([...framework.held!.suppressed]).toEqual(["ops"]);
});

test("operators are told of frameworks that come, change and go", () => {
  const stage = new Stage();
  stage.watch();
  const framework = stage.framework();
  framework.subscribe();
  framework.call({ type: "TEARDOWN" });
  expect(stage.published.map(({ type }) => type)).toEqual([
    "FRAMEWORK_ADDED",
    "FRAMEWORK_UPDATED",
    "FRAMEWORK_REMOVED",
  ]);
});

test("SUPPRESS stops offers for its roles, REVIVE brings them back; one bad role drops the whole call", () => {
  const stage = new Stage();
  const framework = stage.framework({ roles: ["eng", "ops"], capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  framework.call({ type: "SUPPRESS", suppress: { roles: ["eng", "nope"] } });
  expect([...framework.held!.suppressed]).toEqual([]);
  framework.call({ type: "SUPPRESS" });
  const agent = stage.agent();
  expect(framework.takeOffers()).toEqual([]);
  framework.call({ type: "REVIVE", revive: { roles: ["ops", "nope"] } });
  expect(framework.takeOffers()).toEqual([]);
  framework.call({ type: "REVIVE", revive: { roles: ["ops"] } });
  const offers = framework.takeOffers();
  expect(offers.map(({ agent_id, allocation_info }) => [agent_id.value, allocation_info?.role])).toEqual([
    [agent.id, "ops"],
  ]);
});

test("offers for a role that the framework leaves are rescinded", () => {
  const stage = new Stage();
  const framework = stage.framework({ roles: ["eng", "ops"] }, { suppressed_roles: ["eng"] });
  stage.agent();
  const [offer] = framework.takeOffers();
  expect(offer!.allocation_info!.role).toBe("ops");
  const framework_info = { ...framework.info, roles: ["eng"] };
  framework.call({ type: "UPDATE_FRAMEWORK", update_framework: { framework_info } });
  expect(framework.take("RESCIND")).toEqual([{ type: "RESCIND", rescind: { offer_id: offer!.id } }]);
  expect(framework.takeOffers()[0]!.allocation_info!.role).toBe("eng");
});
