import fc from "fast-check";
import { expect, test } from "vitest";
import type { Call as LinkCall } from "../../api/mesos/generated/link.ts";
import type { Call as OperatorCall } from "../../api/mesos/generated/master.ts";
import type { Call as SchedulerCall } from "../../api/mesos/generated/scheduler.ts";
import { Stage, task } from "../../kernel/core/master/stage.rig.ts";
import { validateMasterCall } from "../../kernel/core/master/validate/operator-call.ts";
import { validateSchedulerCall } from "../../kernel/core/master/validate/scheduler-call.ts";
import { messageArbitrary } from "./arbitrary.ts";

const RUNS = 400;

// Well-formed nonsense: what the decoder lets through, with the ids of things that exist put in, so that it gets far.
function cast() {
  const stage = new Stage();
  const agent = stage.agent("cpus:8;mem:1024;disk:100;ports:[1-100]");
  const framework = stage.framework();
  framework.accept(framework.standing(), [
    { type: "LAUNCH", launch: { task_infos: [task("t", agent.id, "cpus:1;mem:64")] } },
  ]);
  return { stage, agent, framework };
}

/** Everything still works after it. */
function checkLife(stage: Stage): void {
  stage.pass(100_000);
  const agent = stage.agent("cpus:1;mem:64");
  const framework = stage.framework({ roles: ["a-role-of-its-own"] });
  stage.pass(100_000);
  const [offer] = framework.standing().filter(({ agent_id }) => agent_id.value === agent.id);
  if (offer !== undefined)
    framework.accept([offer], [{ type: "LAUNCH", launch: { task_infos: [task("n", agent.id, "cpus:1;mem:64")] } }]);
  expect(framework.log.state).toBe("open");
}

test("whatever a scheduler calls, the master lives on", () => {
  const { stage, agent, framework } = cast();
  fc.assert(
    fc.property(messageArbitrary("mesos.v1.scheduler.Call"), fc.nat(99), (call, pick) => {
      if (pick > 30) adapt(withType(call, pick), framework.id, agent.id, [...stage.state.offers.keys()]);
      if (call.type === "SUBSCRIBE" && call.subscribe !== undefined) {
        if (validateSchedulerCall(call) !== undefined) return;
        const log = stage.openStream((stream) => ({ type: "scheduler-subscribe", stream, principal: undefined, call }));
        expect(log.state).not.toBe("waiting");
        stage.apply({ type: "stream-closed", stream: log.stream });
      } else if (validateSchedulerCall(call) === undefined) {
        expect(framework.call(call).status).toBeGreaterThanOrEqual(200);
      }
      if (!stage.state.frameworks.has(framework.id)) framework.info = { ...framework.info, id: undefined };
      if (framework.info.id === undefined || framework.held?.stream === undefined) framework.subscribe();
    }),
    { numRuns: RUNS },
  );
  checkLife(stage);
});

test("whatever an operator calls, the master lives on", () => {
  const { stage, agent, framework } = cast();
  fc.assert(
    fc.property(messageArbitrary("mesos.v1.master.Call"), fc.nat(99), (call, pick) => {
      if (pick > 30) adaptOperator(withType(call, pick), framework.id, agent.id);
      if (validateMasterCall(call) === undefined) expect(stage.operate(call).status).toBeGreaterThanOrEqual(200);
    }),
    { numRuns: RUNS },
  );
  checkLife(stage);
});

test("whatever an agent says of itself and of what it runs, the master lives on", () => {
  const { stage, agent, framework } = cast();
  fc.assert(
    fc.property(messageArbitrary("meseta.link.Call"), fc.boolean(), (call, apt) => {
      if (apt) adaptLink(call, framework.id);
      if (call.type === "SUBSCRIBE" && call.subscribe !== undefined) agent.subscribe(call.subscribe);
      else agent.send(...(call.messages ?? []));
      if (stage.state.agents.get(agent.id)?.stream === undefined) {
        Object.assign(agent, { id: "", epoch: undefined, bootId: stage.state.random.uuid() });
        agent.subscribe();
      }
    }),
    { numRuns: RUNS },
  );
  checkLife(stage);
});

/** The call becomes of the type of one of the parts that it has. */
function withType<C extends { type?: string | undefined }>(call: C, pick: number): C {
  const parts = Object.keys(call).filter((key) => typeof call[key as keyof C] === "object" && key !== "framework_id");
  if (parts.length > 0) call.type = parts[pick % parts.length]!.toUpperCase();
  return call;
}

function adapt(call: SchedulerCall, frameworkId: string, agentId: string, offers: string[]): void {
  call.framework_id = { value: frameworkId };
  if (call.update_framework !== undefined) call.update_framework.framework_info.id = { value: frameworkId };
  if (call.kill !== undefined) call.kill.task_id = { value: "t" };
  if (call.decline !== undefined) call.decline.offer_ids = offers.map((value) => ({ value }));
  if (call.accept === undefined) return;
  call.accept.offer_ids = offers.slice(0, 1).map((value) => ({ value }));
  for (const { launch, launch_group } of call.accept.operations ?? [])
    for (const one of [...(launch?.task_infos ?? []), ...(launch_group?.task_group.tasks ?? [])])
      one.agent_id = { value: agentId };
}

function adaptOperator(call: OperatorCall, frameworkId: string, agentId: string): void {
  if (call.teardown !== undefined) call.teardown.framework_id = { value: frameworkId };
  for (const part of Object.values(call))
    if (typeof part === "object" && "agent_id" in part) part.agent_id = { value: agentId };
}

function adaptLink(call: LinkCall, frameworkId: string): void {
  const framework_id = { value: frameworkId };
  for (const message of call.messages ?? [])
    for (const part of Object.values(message))
      if (typeof part === "object" && "framework_id" in part) part.framework_id = framework_id;
  for (const one of call.subscribe?.tasks ?? []) one.framework_id = framework_id;
  for (const one of call.subscribe?.executors ?? []) one.framework_id = framework_id;
}
