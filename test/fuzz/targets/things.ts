/** A scalar resource. */
export function scalar(name: string, value: unknown, more: object = {}): object {
  return { name, type: "SCALAR", scalar: { value }, ...more };
}

const OWN = { allocation_info: { role: "eng" } };
const RESERVED = { reservations: [{ type: "DYNAMIC", role: "eng", principal: "p" }] };
const VOLUME = { disk: { persistence: { id: "v1", principal: "p" }, volume: { mode: "RW", container_path: "data" } } };

/** What frameworks and operators name: some that are there, some that cannot be. */
export const RESOURCES: readonly object[] = [
  ...[scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 10), scalar("cpus", 0.1, OWN), scalar("mem", 32, OWN)],
  ...[scalar("cpus", 1, RESERVED), scalar("disk", 64, RESERVED), scalar("disk", 64, { ...RESERVED, ...VOLUME })],
  scalar("disk", 64, { ...RESERVED, ...VOLUME, ...OWN }),
  scalar("disk", 64, { ...RESERVED, ...VOLUME, shared: {} }),
  { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 31_001 }] } },
  { name: "ports", type: "RANGES", ranges: { range: [{ begin: 10, end: 1 }] } },
  { name: "ports", type: "RANGES", ranges: { range: [{ begin: 0, end: Number.MAX_SAFE_INTEGER }] } },
  {
    name: "ports",
    type: "RANGES",
    ranges: {
      range: [
        { begin: 1, end: 5 },
        { begin: 3, end: 9 },
        { begin: 9, end: 9 },
      ],
    },
  },
  { name: "disks", type: "SET", set: { item: ["sda", "sdb", "sda"] } },
  ...[Number.POSITIVE_INFINITY, Number.NaN, -1, -0, 1e308, 1e15, 0, 0.0004].map((value) => scalar("cpus", value, OWN)),
];

/** Tasks for these agents. */
export function TASKS(agentIds: readonly string[]): object[] {
  return agentIds
    .slice(0, 4)
    .flatMap((agentId) => [
      ...["a", "b", "new", "new-2"].map((id) => task(id, agentId, 0.1, 32)),
      ...[
        task("", agentId, 1, 1),
        task("../x", agentId, 1, 1),
        task("x".repeat(300), agentId, 1, 1),
        task("big", agentId, 1e15, 1),
      ],
      { ...task("custom", agentId, 0.1, 32), command: undefined, executor: EXECUTOR },
    ]);
}

const EXECUTOR = {
  type: "CUSTOM",
  executor_id: { value: "e" },
  command: { value: "true" },
  resources: [scalar("cpus", 0.1, OWN), scalar("mem", 32, OWN)],
};

function task(id: string, agentId: string, cpus: number, mem: number): Record<string, unknown> {
  const resources = [scalar("cpus", cpus, OWN), scalar("mem", mem, OWN)];
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agentId },
    command: { shell: true, value: "true" },
    resources,
  };
}
