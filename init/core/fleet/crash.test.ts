import { describe, expect, it } from "vitest";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { type Death, Stage } from "./fleet.rig.ts";

const db = anApp("/shop/db", { instances: 2, cmd: "db" });
const web = anApp("/shop/web", { instances: 3, dependencies: ["/shop/db"] });
const pod = aPod("/shop/pod", { scaling: { kind: "fixed", instances: 2 } });

/** Deployed, scaled, upgraded, an agent lost and found, one app gone. Returns how many events it took, and what is not as it ought to be. */
function tell(death?: Death): { events: number; problems: string[] } {
  const stage = new Stage();
  for (const id of ["a1", "a2", "a3"]) stage.cluster.addAgent(id, "cpus:8;mem:8192;disk:8192;ports:[31000-31099]");
  stage.dieAt = death;
  const problems: string[] = [];
  const rest = () => {
    stage.run(100_000);
    problems.push(...stage.problems());
  };
  stage.start();
  stage.want([db, web, pod]);
  rest();
  stage.want([db, { ...web, instances: 5 }, pod]);
  rest();
  stage.want([
    { ...db, cmd: "db 2" },
    { ...web, instances: 4, cmd: "web 2" },
    { ...pod, user: "pod" },
  ]);
  rest();
  stage.cluster.setReachable("a1", false);
  rest2(stage);
  stage.cluster.setReachable("a1", true);
  rest();
  stage.want([{ ...web, instances: 1, cmd: "web 2", dependencies: [] }]);
  rest();
  return { events: stage.applied, problems };
}

function rest2(stage: Stage): void {
  stage.run(100_000);
}

describe("a story of deployments and a lost agent", () => {
  const { events, problems } = tell();

  it("ends as wanted", () => {
    expect(problems).toEqual([]);
  });

  it.each(["before it is stored", "before its effects", "after its effects"] as const)(
    "ends as wanted when the process dies after any one event, %s",
    (when) => {
      const failed: unknown[] = [];
      for (let event = 1; event <= events; event++) {
        const { problems } = tell({ event, when });
        if (problems.length > 0) failed.push([event, ...problems]);
      }
      expect(failed).toEqual([]);
    },
  );
});
