import type { App } from "@meseta/api/marathon/app.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, it } from "vitest";
import { Stage } from "../fleet/fleet.rig.ts";
import { InitOut } from "../out.ts";
import { anApp, aPod } from "../plan/specs.rig.ts";

const AGENT = "cpus:8;mem:8192;disk:8192;ports:[31000-31999]";

function aStage(agents = 2): Stage {
  const stage = new Stage();
  for (let i = 1; i <= agents; i++) stage.cluster.addAgent(`a${i}`, AGENT);
  stage.start().run(20_000);
  return stage;
}

const anOffer = (agent: string): Offer => ({
  id: { value: `offer of ${agent}` },
  framework_id: { value: "f1" },
  agent_id: { value: agent },
  hostname: agent,
  resources: ["cpus", "mem"].map((name) => ({ name, type: "SCALAR", scalar: { value: 1000 } })),
  allocation_info: { role: "*" },
});

const calls = (stage: Stage) =>
  stage.cluster.calls.splice(0).flatMap(({ type }) => (type === "RECONCILE" || type === "ACKNOWLEDGE" ? [] : [type]));

describe("offers", () => {
  it("are all looked at after a start, and then not wanted until something is queued", () => {
    const stage = aStage();
    expect(calls(stage)).toEqual(["REVIVE", "DECLINE", "SUPPRESS"]);
    stage.want([anApp("/web")]);
    stage.run(10_000);
    expect(calls(stage)).toEqual(["REVIVE", "ACCEPT", "DECLINE", "SUPPRESS"]);
  });

  it("that were refused are wanted again at once when something new is queued", () => {
    const stage = aStage();
    stage.want([anApp("/huge", { cpus: 100 })]);
    stage.run(10_000);
    stage.want([...stage.state.tree.apps.values(), anApp("/web")]);
    stage.run(1);
    expect(stage.running("/web")).toHaveLength(1);
  });

  it("are wanted again when a place becomes free that constraints kept", () => {
    const stage = aStage(1);
    stage.want([anApp("/web", { instances: 2, constraints: [["hostname", "UNIQUE"]] })]);
    stage.run(10_000);
    expect(stage.running("/web")).toHaveLength(1);
    stage.cluster.addAgent("a2", AGENT);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("are for the roles that are in use, and a role goes with the last of its tasks", () => {
    const stage = aStage();
    expect(stage.cluster.roles).toEqual(["*"]);
    stage.want([anApp("/dev/web", { role: "dev" })]);
    expect(stage.cluster.roles).toEqual(["*", "dev"]);
    stage.run(20_000);
    expect([stage.problems(), [...stage.cluster.suppressed]]).toEqual([[], ["*", "dev"]]);
    stage.want([]);
    expect(stage.cluster.roles).toEqual(["*", "dev"]);
    stage.run(10_000);
    expect([stage.problems(), stage.cluster.roles]).toEqual([[], ["*"]]);
  });

  it("serve one role each: what is queued for another is not launched on them", () => {
    const stage = aStage();
    stage.want([anApp("/dev/web", { role: "dev", instances: 3 }), anApp("/web", { instances: 3 })]);
    stage.run(20_000);
    expect(stage.problems()).toEqual([]);
  });

  it("are wanted for the role of those that wait, whatever role an old one had that waited with them", () => {
    const stage = aStage(1);
    const web = anApp("/dev/web", { cpus: 8 });
    stage.want([web]);
    stage.run(10_000);
    stage.want([{ ...web, role: "dev" }]);
    stage.run(10_000);
    expect(stage.running("/dev/web")).toHaveLength(1);
    stage.cluster.update(stage.running("/dev/web")[0]!, "TASK_FAILED");
    stage.run(20_000);
    expect(stage.problems()).toEqual([]);
  });

  it("that come while others wait for their turn stand behind them: there is one turn at a time", () => {
    const stage = new Stage();
    stage.start().want([anApp("/web", { instances: 2000, cpus: 1, mem: 1, portDefinitions: [] })]);
    stage.run(1000);
    const comesTo = (...names: string[]) => {
      const out = new InitOut();
      const offers = names.map(anOffer);
      stage.init.apply({ type: "heard", event: { type: "OFFERS", offers: { offers } } }, stage.nowMs, out);
      return out.effects.flatMap((effect) =>
        effect.type === "send"
          ? effect.call.type
          : effect.type === "wake" && effect.wake.for === "offers"
            ? "wake"
            : [],
      );
    };
    expect(comesTo("a1", "a2")).toEqual(["ACCEPT", "wake"]);
    expect(comesTo("a3")).toEqual([]);
  });

  it("whose turn does not come for long go back to be divided anew, before the master takes them away", () => {
    const stage = new Stage();
    stage.start().want([anApp("/web", { instances: 2000, cpus: 1, mem: 1, portDefinitions: [] })]);
    stage.run(1000);
    const offers = ["a1", "a2", "a3"].map(anOffer);
    const hear = { type: "heard", event: { type: "OFFERS", offers: { offers } } } as const;
    stage.init.apply(hear, stage.nowMs, new InitOut());
    const out = new InitOut();
    stage.init.apply({ type: "wake", wake: { for: "offers" } }, stage.nowMs + 10_000, out);
    const sent = out.effects.flatMap((effect) => (effect.type === "send" ? effect.call : []));
    expect(sent).toEqual([
      {
        type: "DECLINE",
        decline: { offer_ids: [offers[1]!.id, offers[2]!.id], filters: { refuse_seconds: 0 } },
      },
    ]);
  });

  it("that were taken back while launches were on their way make nobody wait", () => {
    const stage = aStage();
    stage.want([anApp("/web", { instances: 3 })]);
    stage.isSmooth = false;
    stage.run(10_000);
    for (const id of stage.running("/web"))
      stage.cluster.update(id, "TASK_DROPPED", { reason: "REASON_INVALID_OFFERS" });
    stage.isSmooth = true;
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("are wanted for the role that is wanted when a deployment that would have changed it is cut short", () => {
    const stage = aStage(1);
    const db = anApp("/dev/db", { cpus: 1 });
    const web = anApp("/dev/web", { cpus: 1, dependencies: ["/dev/db"] });
    stage.want([db, web]);
    stage.run(10_000);
    const later = { ...web, role: "dev" };
    stage.want([{ ...db, cpus: 100 }, later]);
    stage.run(10_000);
    stage.cluster.update(stage.running("/dev/web")[0]!, "TASK_FAILED");
    stage.run();
    stage.want([{ ...db, cpus: 200 }, later], { force: true });
    stage.run(60_000);
    expect(stage.running("/dev/web")).toHaveLength(1);
  });

  it("are told apart by their agents' attributes, also when a constraint comes later", () => {
    const stage = new Stage();
    const rack = (value: string) => ({ name: "rack", type: "TEXT" as const, text: { value } });
    for (const [id, value] of [
      ["a1", "r1"],
      ["a2", "r1"],
      ["a3", "r2"],
    ] as const)
      stage.cluster.addAgent(id, AGENT, [rack(value)]);
    stage.start().run(20_000);
    stage.want([anApp("/web", { cpus: 5 })]);
    stage.run(10_000);
    stage.want([anApp("/web", { cpus: 5, constraints: [["rack", "UNIQUE"]] })]);
    stage.run(30_000);
    expect(stage.instances("/web")[0]!.host!.places["rack"]).toBe("r2");
    stage.want([anApp("/web", { cpus: 5, instances: 2, constraints: [["rack", "UNIQUE"]] })]);
    stage.run(30_000);
    expect(
      stage
        .instances("/web")
        .map(({ host }) => host!.places["rack"])
        .sort(),
    ).toEqual(["r1", "r2"]);
    stage.crash();
    expect(stage.state.services.get("/web")!.tallies.of("rack")!.counts).toEqual(
      new Map([
        ["r1", 1],
        ["r2", 1],
      ]),
    );
  });
});

describe("a resident app", () => {
  const volumes = [
    { containerPath: "data", mode: "RW" as const, persistent: { type: "root" as const, size: 64, constraints: [] } },
  ];
  const db = (more: Partial<App> = {}) =>
    anApp("/db", {
      container: { type: "MESOS", volumes, portMappings: [] } as unknown as NonNullable<App["container"]>,
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      unreachableStrategy: "disabled",
      ...more,
    });
  const kept = (stage: Stage) =>
    [...stage.cluster.agents.values()].flatMap(({ total }) =>
      total.flatMap(({ disk }) => (disk?.persistence?.id === undefined ? [] : [disk.persistence.id])),
    );
  const reserved = (stage: Stage) =>
    [...stage.cluster.agents.values()].flatMap(({ total }) =>
      total.filter(({ reservations }) => (reservations ?? []).length > 0),
    );

  function running(instances = 1): Stage {
    const stage = aStage();
    stage.want([db({ instances })]);
    stage.run(30_000);
    expect([stage.problems(), kept(stage).length]).toEqual([[], instances]);
    return stage;
  }

  it("reserves, makes its volume, and is launched on it", () => {
    const stage = running(2);
    const operations = stage.cluster.calls.flatMap(({ accept }) => accept?.operations ?? []).map(({ type }) => type);
    expect(operations).toEqual(["RESERVE", "CREATE", "RESERVE", "CREATE", "LAUNCH"]);
  });

  it("comes back to its volume after a failure, and after a crash of init", () => {
    const stage = running();
    const [volume] = kept(stage);
    stage.cluster.update(stage.running("/db")[0]!, "TASK_FAILED");
    stage.crash();
    stage.run(40_000);
    expect([stage.problems(), kept(stage)]).toEqual([[], [volume]]);
  });

  it("comes back to its volume while another of it, who came first, finds no place", () => {
    const stage = aStage(1);
    stage.want([db({ instances: 3, cpus: 3 })]);
    stage.run(30_000);
    expect(stage.running("/db")).toHaveLength(2);
    stage.cluster.update(stage.running("/db")[0]!, "TASK_FAILED");
    stage.run(40_000);
    expect([stage.running("/db").length, kept(stage).length]).toEqual([2, 2]);
  });

  it("is upgraded on its volume", () => {
    const stage = running(2);
    const volumes = kept(stage).sort();
    stage.want([db({ instances: 2, cmd: "other" })]);
    stage.run(60_000);
    const good = stage.instances("/db").filter(({ condition }) => condition === "Running");
    expect([good.length, kept(stage).sort(), stage.state.deployments.all]).toEqual([2, volumes, []]);
  });

  it("keeps the volume of who is stopped, and uses it again", () => {
    const stage = running(2);
    const volumes = kept(stage).sort();
    stage.want([db({ instances: 1 })]);
    stage.run(30_000);
    expect([stage.running("/db").length, kept(stage).sort()]).toEqual([1, volumes]);
    stage.crash();
    stage.want([db({ instances: 2 })]);
    stage.run(30_000);
    expect([stage.running("/db").length, kept(stage).sort()]).toEqual([2, volumes]);
  });

  it("that is removed leaves nothing on any agent", () => {
    const stage = running(2);
    stage.want([]);
    stage.run(60_000);
    expect([stage.problems(), reserved(stage), [...stage.cluster.suppressed], stage.state.releases.size]).toEqual([
      [],
      [],
      ["*"],
      0,
    ]);
  });

  it("has its role offered for as long as something of it is kept", () => {
    const stage = aStage();
    stage.want([db({ id: "/dev/db", role: "dev" })]);
    stage.run(30_000);
    expect([stage.problems(), kept(stage).length]).toEqual([[], 1]);
    stage.want([]);
    stage.run(60_000);
    expect([stage.problems(), reserved(stage), stage.cluster.roles]).toEqual([[], [], ["*"]]);
  });

  it("that is removed while its agent hears nothing is given back when that agent shows it again", () => {
    const stage = aStage();
    stage.want([db({ id: "/dev/db", role: "dev" })]);
    stage.run(30_000);
    const agent = stage.cluster.agents.get(stage.cluster.live[0]!.agent)!;
    const { total } = agent;
    stage.cluster.hasFeedback = false;
    stage.want([]);
    stage.run(60_000);
    expect([reserved(stage), stage.cluster.roles]).toEqual([[], ["*", "dev"]]);
    agent.total = total;
    stage.cluster.hasFeedback = true;
    stage.run(130_000).run(1000);
    expect([stage.problems(), reserved(stage), stage.cluster.roles]).toEqual([[], [], ["*"]]);
  });

  it("that is removed while init dies leaves nothing either", () => {
    for (let after = 1; after < 12; after++) {
      const stage = running(2);
      stage.dieAt = { event: stage.applied + after, when: "before its effects" };
      stage.want([]);
      stage.run(90_000);
      expect([after, stage.problems(), reserved(stage)]).toEqual([after, [], []]);
    }
  });

  it("whose reservation comes to nothing makes another one", () => {
    const stage = aStage();
    stage.want([db()]);
    stage.cluster.late = 1;
    stage.run(60_000);
    expect([stage.problems(), kept(stage).length]).toEqual([[], 1]);
  });

  it("whose reservation was given up for one on another agent leaves nothing of it when that agent comes back", () => {
    const stage = aStage();
    stage.want([db()]);
    while (reserved(stage).length === 0) stage.step(1);
    const [first, second] = [...stage.cluster.agents.values()].sort((a, b) => b.total.length - a.total.length);
    stage.cluster.setReachable(first!.id, false);
    stage.run(60_000);
    expect(stage.running("/db")).toHaveLength(1);
    const isReserved = ({ total }: typeof first & object) =>
      total.some(({ reservations }) => (reservations ?? []).length > 0);
    expect([isReserved(first!), isReserved(second!)]).toEqual([true, true]);
    stage.cluster.setReachable(first!.id, true);
    stage.run(60_000);
    expect([isReserved(first!), isReserved(second!), stage.problems()]).toEqual([false, true, []]);
    stage.want([]);
    stage.run(1_200_000);
    expect([stage.problems(), reserved(stage), stage.state.releases.size]).toEqual([[], [], 0]);
    expect([...stage.records.keys()].filter((key) => key.startsWith("release/"))).toEqual([]);
  });

  it("whose reservation comes to nothing though the master has offered it makes another one", () => {
    const stage = aStage();
    stage.isSmooth = false;
    stage.want([db()]);
    stage.run(1000);
    const [task] = stage.cluster.live;
    const agent = stage.cluster.agents.get(task!.agent)!;
    agent.total = agent.total.filter(({ reservations = [] }) => reservations.length === 0);
    stage.cluster.update(task!.id, "TASK_GONE");
    stage.isSmooth = true;
    stage.run(60_000);
    expect([stage.running("/db").length, kept(stage).length]).toEqual([1, 1]);
  });

  it("is given back by the next life too, when nothing else has its role", () => {
    const stage = aStage();
    stage.want([db({ id: "/dev/db", role: "dev" })]);
    stage.run(30_000);
    const { agent } = stage.cluster.live[0]!;
    stage.cluster.setReachable(agent, false);
    stage.want([]);
    stage.run(1000);
    expect(stage.state.releases.size).toBe(1);
    stage.nowMs += 3_600_000;
    stage.crash();
    stage.run(60_000);
    stage.cluster.setReachable(agent, true);
    stage.run(60_000);
    expect([stage.problems(), reserved(stage)]).toEqual([[], []]);
    // Whether it came to nothing is known only by not seeing it again.
    stage.run(1_200_000);
    expect([stage.state.releases.size, stage.cluster.roles]).toEqual([0, ["*"]]);
  });

  it("gives back what is found of ours and is nobody's", () => {
    const stage = running();
    const agent = [...stage.cluster.agents.values()].find(({ total }) =>
      total.some(({ disk }) => disk?.persistence !== undefined),
    )!;
    const foreign = JSON.parse(
      JSON.stringify(agent.total).replaceAll("db.instance-", "gone.instance-"),
    ) as typeof agent.total;
    stage.cluster.agents.get(agent.id === "a1" ? "a2" : "a1")!.total = foreign;
    stage.crash();
    stage.run(60_000);
    expect([stage.problems(), kept(stage).length]).toEqual([[], 1]);
  });

  it("waits for its agent, however long", () => {
    const stage = running();
    const agent = stage.instances("/db")[0]!.host!.agent_id.value;
    stage.cluster.setReachable(agent, false);
    stage.run(5_000_000);
    expect(stage.instances("/db")).toMatchObject([{ condition: "Unreachable" }]);
    stage.cluster.setReachable(agent, true);
    stage.run(1000);
    expect(stage.problems()).toEqual([]);
  });

  it("as a pod does the same", () => {
    const stage = aStage();
    const volume = { name: "data", persistent: { type: "root" as const, size: 64, constraints: [] } };
    const pod = aPod("/p", { volumes: [volume] });
    stage.want([pod]);
    stage.run(30_000);
    expect([stage.problems(), kept(stage).length]).toEqual([[], 1]);
    stage.want([]);
    stage.run(30_000);
    expect([stage.problems(), reserved(stage)]).toEqual([[], []]);
  });
});
