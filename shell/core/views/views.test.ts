// What the tables look like, from answers that a real Mesos 1.12 gave (ids masked).
import type { Response as AgentResponse } from "@meseta/api/mesos/generated/agent.ts";
import type { Response } from "@meseta/api/mesos/generated/master.ts";
import type { TaskStatusReason } from "@meseta/api/mesos/generated/mesos.ts";
import type { Explanation } from "@meseta/sdk/core/explanation.ts";
import { expect, test } from "vitest";
import { type Listing, type OutputForm, render, renderDetails, select } from "../listing.ts";
import { explainText } from "./explain.ts";
import { frameworkDetails, frameworkListing, frameworksOf } from "./frameworks.ts";
import { machineText, parseMachine, withoutMachines } from "./maintenance.ts";
import { nodeDetails, nodeListing, nodesOf } from "./nodes.ts";
import recordedFile from "./recorded/mesos.json" with { type: "json" };
import { containerListing, executorListing } from "./running.ts";
import { quotaListing, roleListing } from "./sharing.ts";
import { type Neighbours, taskDetails, taskListing, tasksOf, whyText } from "./tasks.ts";
import { volumesOf } from "./volumes.ts";

const recorded = recordedFile as unknown as Record<string, Response>;
const containers = (recordedFile as unknown as { GET_CONTAINERS: AgentResponse }).GET_CONTAINERS;
const nowMs = 1_795_239_300_000;
const plain: OutputForm = { form: "table", header: true, width: 100, paint: (text) => text };
const near: Neighbours = { node: () => "n1", framework: () => "golden" };
const show = <T>(listing: Listing<T>, form = "table", width: number | undefined = 100): string =>
  `\n${render(listing, listing.items, { ...plain, form, width })}`;

const nodes = nodesOf(recorded["GET_AGENTS"]!.get_agents!);
const tasks = tasksOf(recorded["GET_TASKS"]!.get_tasks!, true);

test("nodes show what is used of what they have", () => {
  expect(show(nodeListing(nodes, nowMs))).toMatchInlineSnapshot(`
    "
    NODE  HOST       STATE        CPUS          MEM        DISK  AGE
    S0    127.0.0.1  ● active  0.4 / 8  0.1 / 8 GiB  0 / 10 GiB  12s
    "
  `);
  expect(show(nodeListing(nodesOf(recorded["DRAINING"]!.get_agents!), nowMs))).toMatchInlineSnapshot(`
    "
    NODE  HOST       STATE          CPUS          MEM        DISK  AGE
    S0    127.0.0.1  ◐ draining  0.3 / 8  0.1 / 8 GiB  0 / 10 GiB   0s
    "
  `);
});

test("tasks show marks and words for their states", () => {
  expect(show(taskListing(tasks, near, nowMs))).toMatchInlineSnapshot(`
    "
    TASK    STATE       NODE  FRAMEWORK  CPUS     MEM  AGE
    pod-b   ● running   n1    golden      0.1  32 MiB   5s
    pod-a   ● running   n1    golden      0.1  32 MiB   5s
    long-1  ● running   n1    golden      0.1  32 MiB   7s
    echo-1  ○ finished  n1    golden      0.1  32 MiB   6s
    fail-1  ✗ failed    n1    golden      0.1  32 MiB   6s
    "
  `);
  const unreachable = tasksOf(recorded["UNREACHABLE"]!.get_tasks!, false);
  expect(show(taskListing(unreachable, near, nowMs), "name")).toMatchInlineSnapshot(`
    "
    f-2
    f-1
    "
  `);
});

test("a reason that the message repeats is said once", () => {
  const why = (reason: TaskStatusReason | undefined, message?: string) =>
    whyText({ task_id: { value: "t" }, state: "TASK_LOST", reason, message });
  expect(why("REASON_RECONCILIATION", "Reconciliation: Task is unknown")).toBe("Reconciliation: Task is unknown");
  expect(why("REASON_AGENT_DRAINING", "Killed")).toBe("agent draining: Killed");
  expect([why("REASON_AGENT_REMOVED"), why(undefined, "x")]).toEqual(["agent removed", "x"]);
});

test("at 60 columns every line still fits", () => {
  for (const line of show(taskListing(tasks, near, nowMs), "table", 60).split("\n"))
    expect([...line].length).toBeLessThanOrEqual(60);
});

test("frameworks, roles, executors and containers have their tables", () => {
  const frameworks = frameworksOf(recorded["GET_FRAMEWORKS"]!.get_frameworks!, true);
  expect(show(frameworkListing(frameworks, nowMs))).toMatchInlineSnapshot(`
    "
    FRAMEWORK  NAME    STATE     ROLES   CPUS      MEM  OFFERS  AGE
    0000       golden  ● active  golden   0.4  128 MiB       0   8s
    "
  `);
  expect(show(roleListing(recorded["GET_ROLES"]!.get_roles!.roles!))).toMatchInlineSnapshot(`
    "
    ROLE    WEIGHT  FRAMEWORKS  CPUS      MEM    DISK
    golden       1           1   0.4  128 MiB  10 MiB
    "
  `);
  expect(show(executorListing(recorded["GET_EXECUTORS"]!.get_executors!.executors!, near))).toMatchInlineSnapshot(`
    "
    EXECUTOR    TYPE     NODE  FRAMEWORK  RESOURCES
    pod-exec-1  default  n1    golden     cpus:0.1;mem:32;disk:10
    "
  `);
  expect(show(containerListing(containers.get_containers!.containers!))).toMatchInlineSnapshot(`
    "
    CONTAINER                             EXECUTOR    FRAMEWORK    PID   CPU        MEM
    00000003-0000-4000-8000-000000000000  pod-exec-1  0000       21596  0.1s  122.8 MiB
    00000006-0000-4000-8000-000000000000  echo-1      0000       21572    0s        0 B
    00000007-0000-4000-8000-000000000000  fail-1      0000       21573  0.1s    123 MiB
    00000005-0000-4000-8000-000000000000  long-1      0000       21559  0.1s  125.9 MiB
    "
  `);
  expect(renderDetails(frameworkDetails(frameworks[0]!, []), plain)).toMatchInlineSnapshot(`
    "Framework     0000
    Id            00000001-0000-4000-8000-000000000000-0000
    Name          golden
    State         ● active
    Roles         golden
    User          root
    Principal     golden
    Host          golden-host
    Capabilities  multi-role, reservation-refinement, partition-aware, shared-resources
    Checkpoint    yes
    Failover      its tasks end 1m after it is gone
    Since         2026-11-21T05:34:51Z
    In use        cpus:0.4;mem:128;disk:10
    "
  `);
});

test("details of a node and of a task are labelled lines, in JSON the API's own object", () => {
  expect(renderDetails(nodeDetails(nodes[0]!, []), plain)).toMatchInlineSnapshot(`
    "Node        S0
    Id          00000001-0000-4000-8000-000000000000-S0
    Host        127.0.0.1
    Address     127.0.0.1:26051
    State       ● active
    Version     1.12.0
    Attributes  rack:r1;zone:z1
    Joined      2026-11-21T05:34:47Z
    CPUs        0.4 / 8
    Memory      0.1 / 8 GiB
    Disk        0 / 10 GiB
    Ports       31000-32000
    "
  `);
  const task = tasks.find((each) => each.task_id.value === "fail-1")!;
  expect(renderDetails(taskDetails(task, near, "/sandbox"), plain)).toMatchInlineSnapshot(`
    "Task       fail-1
    Name       name-fail-1
    State      ✗ failed
    Why        Command exited with status 3
    Node       n1
    Agent      00000001-0000-4000-8000-000000000000-S0
    Framework  golden (0000)
    Resources  cpus:0.1;mem:32
    Role       golden
    Address    127.0.0.1
    Process    21573
    Container  00000007-0000-4000-8000-000000000000
    Sandbox    /sandbox

    History
    TIME                  STATE       FROM      REASON  MESSAGE
    2026-11-21T05:34:53Z  ◐ starting  executor
    2026-11-21T05:34:53Z  ● running   executor
    2026-11-21T05:34:53Z  ✗ failed    executor          Command exited with status 3
    "
  `);
  expect(JSON.parse(renderDetails(taskDetails(task, near, undefined), { ...plain, form: "json" }))).toEqual(task);
});

test("filters know columns without their marks, paths, attributes and patterns; sorting knows numbers", () => {
  const names = (filters: string[], sort?: string): string[] => {
    const chosen = select(taskListing(tasks, near, nowMs), { filters, sort });
    return "unknown" in chosen ? [`unknown ${chosen.unknown}`] : chosen.map((task) => task.task_id.value);
  };
  expect(names(["state=running"])).toEqual(["pod-b", "pod-a", "long-1"]);
  expect(names(["state!=running", "task=e*"])).toEqual(["echo-1"]);
  expect(names(["state=TASK_FAILED"])).toEqual(["fail-1"]);
  expect(names(["agent_id.value=*S0", "task=pod-?"], "-task")).toEqual([]);
  expect(names(["task=pod-*"], "task")).toEqual(["pod-a", "pod-b"]);
  expect(names([], "shoe size")).toEqual(["unknown shoe size"]);
  const byRack = select(nodeListing(nodes, nowMs), { filters: ["rack=r1", "zone=z*"] });
  expect(byRack).toHaveLength(1);
});

test("quota without a limit says so, and volumes are found among a node's resources once each", () => {
  expect(show(quotaListing([{ role: "dev", guarantees: { cpus: { value: 2 } } }]))).toMatchInlineSnapshot(`
    "
    ROLE  GUARANTEED  LIMIT
    dev   cpus:2      -
    "
  `);
  const disk = {
    name: "disk",
    type: "SCALAR" as const,
    scalar: { value: 64 },
    role: "db",
    reservations: [{ type: "DYNAMIC" as const, role: "db" }],
    disk: { persistence: { id: "v1" }, volume: { mode: "RW" as const, container_path: "data" } },
  };
  const node = { ...nodes[0]!, total_resources: [disk, disk], allocated_resources: [disk] };
  const { role: _, ...bare } = disk;
  expect(volumesOf([node])).toMatchObject([{ id: "v1", in_use: true, resource: bare }]);
});

test("machines of a schedule are written, read and taken out by host and address", () => {
  const machines = ["N1/10.0.0.4", "n2", "10.0.0.9", "::1"].map(parseMachine);
  expect(machines.map(machineText)).toEqual(["n1/10.0.0.4", "n2", "/10.0.0.9", "/::1"]);
  const unavailability = { start: { nanoseconds: 1 } };
  const schedule = {
    windows: [
      { machine_ids: machines, unavailability },
      { machine_ids: [machines[1]!], unavailability },
    ],
  };
  expect(withoutMachines(schedule, [{ hostname: "N2" }])).toEqual([
    { machine_ids: [machines[0], machines[2], machines[3]], unavailability },
  ]);
});

test("an explanation begins with the master's sentence, says what helps, and goes on node by node", () => {
  const seconds = nowMs / 1000;
  const explanation: Explanation = {
    framework_id: "F",
    name: "web",
    connection: "connected",
    active: true,
    summary: "on 1 of 2 agents: everything on the agent is in use or offered",
    roles: [
      {
        role: "web",
        suppressed: false,
        weight: 1,
        last_offer_time: seconds - 65,
        last_use_time: seconds,
        dominant_share: 0.25,
        quota: { role: "web", guarantees: { cpus: 2 }, limits: {}, consumed: { mem: 2048 } },
        reasons: { FILTERED: 1, NOTHING_LEFT: 1 },
        agents: [
          {
            agent_id: "x-S0",
            hostname: "n1",
            reason: "FILTERED",
            why: "its filter still holds",
            also: [{ reason: "QUOTA_LIMIT", why: "the role has reached its quota limit" }],
            offerable: { mem: 512 },
            free: { cpus: 2, mem: 512 },
            filter: { until_time: seconds + 4, refused: {} },
          },
          {
            agent_id: "x-S1",
            hostname: "n2",
            reason: "NOTHING_LEFT",
            why: "everything is in use",
            free: {},
            holders: [{ framework_id: "y-0001", role: "db", quantities: { cpus: 4 } }],
          },
        ],
      },
    ],
  };
  expect(`\n${explainText(explanation, nowMs, { ...plain, width: undefined })}`).toMatchInlineSnapshot(`
    "
    web: on 1 of 2 agents: everything on the agent is in use or offered

    Role web: 2 nodes looked at; last offer 1m ago; dominant share 25%
      quota of web: guaranteed cpus 2, no limit, in use mem 2 GiB
      try  wait until its filters end, or its scheduler sends REVIVE
      try  meseta task list --sort -cpus, and end something; or add a node
      try  meseta quota set web --limit …

    NODE  HOST  FREE                 WHY NOT
    x-S0  n1    cpus 2, mem 512 MiB  its filter still holds: another 4s; also: the role has reached its quota limit: mem 512 MiB could be offered
    x-S1  n2    nothing              everything is in use: most is held by y-0001 (db): cpus 4
    "
  `);
});
