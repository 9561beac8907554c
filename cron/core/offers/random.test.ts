import fc from "fast-check";
import { expect, it } from "vitest";
import { Stage } from "../runs/stage.rig.ts";

const START = "2026-01-05T10:00:01Z";

interface Step {
  readonly what: "job" | "hand" | "agent" | "lose" | "rescind" | "reconnect" | "pass" | "remove";
  readonly which: number;
  readonly ms: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom("job", "job", "hand", "hand", "agent", "lose", "rescind", "reconnect", "pass", "remove"),
    which: fc.nat(5),
    ms: fc.nat(3000),
  }),
  { minLength: 1, maxLength: 30 },
);

const CPUS = [0.1, 1, 2, 0.5, 4, 1];

function body(which: number): { name: string; [field: string]: unknown } {
  const constraints = which === 3 ? [["hostname", "UNLIKE", "a1.*"]] : [];
  const common = { name: `j${which}`, cpus: CPUS[which]!, mem: 64, disk: 10, constraints, highPriority: which === 1 };
  return { ...common, schedule: `R/${START}/PT${which + 1}S`, concurrent: which % 2 === 0 };
}

function take(stage: Stage, { what, which, ms }: Step): void {
  const { cluster, state } = stage;
  switch (what) {
    case "job":
      // One that was removed would have the names of its old tasks.
      if (!stage.made.keys().some((key) => key.startsWith(`run/j${which}/`)) || state.entries.has(`j${which}`))
        stage.chronos(body(which));
      return;
    case "hand":
      if (state.entries.has(`j${which}`)) stage.ask({ kind: "chronos-run", name: `j${which}`, arguments: "" });
      return;
    case "remove":
      if (state.entries.has(`j${which}`)) stage.ask({ kind: "chronos-delete", name: `j${which}` });
      return;
    case "agent":
      if (!cluster.agents.has(`a${which}`)) cluster.addAgent(`a${which}`, "cpus:4;mem:1024;disk:1024");
      return;
    case "lose":
      if (cluster.agents.has(`a${which}`))
        cluster.setReachable(`a${which}`, !cluster.agents.get(`a${which}`)!.isReachable);
      return;
    case "rescind":
      for (const { offer } of [...state.offers.values()].slice(0, which)) {
        cluster.offers.delete(offer.id.value);
        cluster.events.push({ type: "RESCIND", rescind: { offer_id: offer.id } });
      }
      return;
    case "reconnect":
      return stage.reconnect();
    case "pass":
      return void stage.run(ms);
  }
}

it("nothing is launched twice on what is there once, whatever comes and goes, and in the end nothing waits and nothing is held", () => {
  fc.assert(
    fc.property(steps, fc.nat(2000), (all, taskMs) => {
      const stage = new Stage({ reconciliationDelayMs: 1000, unreachableMs: 5000 });
      stage.taskMs = taskMs;
      stage.cluster.addAgent("a1", "cpus:4;mem:1024;disk:1024");
      stage.start();
      for (const step of all) {
        take(stage, step);
        stage.step(step.ms % 7);
        for (const { offer } of stage.state.offers.values())
          expect(stage.cluster.offers.has(offer.id.value) || stage.cluster.events.length > 0).toBe(true);
      }
      for (const { id } of stage.cluster.agents.values())
        if (!stage.cluster.agents.get(id)!.isReachable) stage.cluster.setReachable(id, true);
      if (!stage.cluster.agents.has("a2")) stage.cluster.addAgent("a2", "cpus:4;mem:1024;disk:1024");
      for (const name of stage.state.entries.keys()) stage.chronos({ ...body(Number(name.slice(1))), disabled: true });
      stage.run(300_000);
      expect(stage.cluster.refusals).toEqual([]);
      expect([stage.state.waiting.size, stage.state.tasks.size, stage.state.offers.size]).toEqual([0, 0, 0]);
      expect([stage.cluster.offers.size, [...stage.cluster.suppressed]]).toEqual([0, ["*"]]);
    }),
    { numRuns: 100 },
  );
});
