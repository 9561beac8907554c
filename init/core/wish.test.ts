import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "./definition/settings.ts";
import { anApp, aPod } from "./plan/specs.rig.ts";
import { newReservation, wishOf } from "./wish.ts";

const host = (port: number) => ({ port, protocol: "tcp", labels: {} }) as const;
const wish = (spec: Parameters<typeof wishOf>[0]) => wishOf(spec, DEFAULT_SETTINGS);

describe("what an instance needs", () => {
  it("of an app on host networking: any ports, or exactly the declared ones", () => {
    const portDefinitions = [host(80), host(81)];
    expect(wish(anApp("/a", { portDefinitions })).ports.map(({ hostPort }) => hostPort)).toEqual([0, 0]);
    expect(wish(anApp("/a", { portDefinitions, requirePorts: true })).ports.map(({ hostPort }) => hostPort)).toEqual([
      80, 81,
    ]);
  });

  it("of an app with an executor of its own: the executor's part as well", () => {
    const app = anApp("/a", { executor: "./x", executorResources: { cpus: 0.5, mem: 64, disk: 10 } });
    expect(wish(app).parts.map(({ cpus }) => cpus)).toEqual([1, 0.5]);
  });

  it("of a pod: the executor's part first, then one for each container, with the ports where they belong", () => {
    const [main] = aPod("/p").containers;
    const endpoint = { name: "e", hostPort: 0, protocol: ["tcp"], labels: {}, networkNames: [] };
    const pod = aPod("/p", { containers: [main!, { ...main!, name: "side", endpoints: [endpoint] }] });
    expect(wish(pod).parts.map(({ cpus }) => cpus)).toEqual([0.1, 1, 1]);
    expect(wish(pod).ports).toEqual([{ hostPort: 0, part: 2 }]);
  });

  it("constraints and roles are those of the definition, else as the settings say", () => {
    const app = anApp("/a", { role: "web", constraints: [["hostname", "MAX_PER", "2"]] });
    expect(wish(app).constraints).toEqual([{ field: "hostname", operator: "MAX_PER", value: "2" }]);
    expect([...wish(app).acceptedResourceRoles!].sort()).toEqual(["*", "web"]);
    expect(wish({ ...app, acceptedResourceRoles: ["web"] }).acceptedResourceRoles).toEqual(["web"]);
  });

  it("a reservation has our labels and an id for each volume", () => {
    const persistent = { type: "root", size: 5, constraints: [] } as const;
    const volumes = [{ containerPath: "data", mode: "RW", persistent }] as const;
    const app = anApp("/db/pg", { container: { type: "MESOS", portMappings: [], volumes } });
    expect(newReservation(app, { frameworkId: "f", instanceId: "i" }, DEFAULT_SETTINGS, () => "u")).toEqual({
      labels: {
        labels: [
          { key: "marathon_framework_id", value: "f" },
          { key: "marathon_task_id", value: "i" },
        ],
      },
      volumeIds: ["db_pg#data#u"],
    });
  });
});
