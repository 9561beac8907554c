import { describe, expect, test } from "vitest";
import type { ContainerSpec, Containers, KnownContainer } from "../../core/agent/ports.ts";
import { KnownContainers } from "./known.ts";

function over(driver: Partial<Containers>): KnownContainers {
  return new KnownContainers({ forget() {}, recover: async () => [], ...driver } as Containers);
}

const running: KnownContainer = { id: "c", pid: 7, startTimeTicks: 1 };

describe("what is known of containers", () => {
  test("is newer than the driver's answer when it was heard while the driver gathered it", async () => {
    const answer = Promise.withResolvers<KnownContainer[]>();
    const known = over({ recover: () => answer.promise });
    const recovered = known.recover();
    known.heard({ type: "exited", id: "c", waitStatus: 5 });
    answer.resolve([running]);
    expect(await recovered).toEqual([{ ...running, exit: { waitStatus: 5 } }]);
  });

  test("is told again, whole, to a core that is built anew, until it is forgotten", async () => {
    const known = over({ recover: async () => [running] });
    await known.recover();
    known.heard({ type: "started", id: "d", pid: 8, startTimeTicks: 2 });
    known.heard({ type: "exited", id: "c", waitStatus: 0 });
    expect(await known.recover()).toEqual([
      { ...running, exit: { waitStatus: 0 } },
      { id: "d", pid: 8, startTimeTicks: 2 },
    ]);
    known.forget("c");
    expect(await known.recover()).toHaveLength(1);
  });

  test("includes what was ordered and is not answered", async () => {
    const known = over({ launch() {} });
    for (const id of ["runs", "fails", "waits"]) known.launch({ id } as ContainerSpec);
    known.heard({ type: "started", id: "runs", pid: 7, startTimeTicks: 1 });
    known.heard({ type: "launch_failed", id: "fails", cause: "command", message: "" });
    expect(await known.recover()).toEqual([
      { id: "runs", pid: 7, startTimeTicks: 1 },
      { id: "waits", pid: 0, startTimeTicks: 0, starting: true },
    ]);
  });
});
