import type { Resource, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { type Details, type OutputForm, renderDetails } from "../core/listing.ts";
import { amount, usedOf } from "../core/quantity.ts";
import { span } from "../core/since.ts";
import { taskLooks } from "../core/state.ts";
import { countStates } from "../core/views/events.ts";
import { frameworksOf } from "../core/views/frameworks.ts";
import { nodesOf } from "../core/views/nodes.ts";
import { tasksOf } from "../core/views/tasks.ts";
import type { Invocation } from "../invocation.ts";
import { type Cluster, mastersOf, withCluster } from "../io/cluster.ts";
import { askHealth, type Health, servicesHealth } from "../io/health.ts";
import { outputOf } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  const output = outputOf(invocation);
  return withCluster(invocation, async (cluster) => {
    const status = await gather(cluster, invocation);
    invocation.terminal.out(renderDetails(details(status, output), output));
    if (allParts(status).some(({ code }) => code === "cannot-store"))
      invocation.terminal.err(
        "What cannot be stored is refused; all that runs goes on. More: meseta help cannot-store\n",
      );
    if (status.nodes.all === 0) invocation.terminal.err("No nodes yet. Start an agent: meseta agent --master URL\n");
    return 0;
  });
}

type Status = Awaited<ReturnType<typeof gather>>;

async function gather(cluster: Cluster, invocation: Invocation) {
  const masters = mastersOf(invocation);
  const [leader, version, agents, frameworks, tasks, services, ...healths] = await Promise.all([
    cluster.master.getMaster(),
    cluster.master.getVersion(),
    cluster.master.getAgents(),
    cluster.master.getFrameworks(),
    cluster.master.getTasks(),
    servicesHealth(invocation.flags),
    ...masters.map((url) => askHealth(url)),
  ]);
  const nodes = nodesOf(agents);
  const total = nodes.flatMap((node) => node.total_resources ?? []);
  const used = nodes.flatMap((node) => node.allocated_resources ?? []);
  const active = nodes.filter((node) => node.active && !node.deactivated).length;
  const all = frameworksOf(frameworks, false);
  return {
    leader,
    version: version.version,
    masters: masters.map((url, index) => ({ url, ...healths[index]! })),
    ...services,
    nodes: { all: nodes.length, active },
    frameworks: { all: all.length, active: all.filter((framework) => framework.active).length },
    tasks: Object.fromEntries(countStates(tasksOf(tasks, false).map(({ state }) => state))) as Partial<
      Record<TaskState, number>
    >,
    resources: Object.fromEntries(
      ["cpus", "mem", "disk", "gpus"].map((name) => [name, { used: amount(used, name), total: amount(total, name) }]),
    ),
    lists: { used, total },
  };
}

function details({ lists, ...status }: Status, output: OutputForm): Details {
  const { leader, nodes, frameworks } = status;
  const address = leader.master_info?.address;
  const upSeconds = leader.start_time === undefined ? undefined : Date.now() / 1000 - leader.start_time;
  const counts = Object.entries(status.tasks) as [TaskState, number][];
  return {
    item: status,
    name: leader.master_info?.id ?? "",
    lines: [
      [
        "Leader",
        address
          ? `http://${hostAndPort(address.ip ?? address.hostname ?? "", address.port)}`
          : (leader.master_info?.pid ?? "none"),
        "strong",
      ],
      ["Up for", upSeconds === undefined ? undefined : span(upSeconds * 1000)],
      ["Version", status.version],
      ["Masters", status.masters.map(marked).join("  ")],
      ["Init", status.init.map(marked).join("  ") || undefined],
      ["Cron", status.cron.map(marked).join("  ") || undefined],
      ...allParts(status).flatMap(({ url, healthy, why }): [string, string, "warn"][] =>
        healthy ? [] : [["Not well", `${url}: ${why}`, "warn"]],
      ),
      ["Nodes", `${nodes.active} of ${nodes.all} active`, nodes.active === nodes.all ? "good" : "warn"],
      ["Frameworks", `${frameworks.active} of ${frameworks.all} active`],
      [
        "Tasks",
        counts.map(([state, count]) => `${taskLooks[state].mark} ${count} ${taskLooks[state].word}`).join("  ") ||
          "none",
      ],
      ...bars(lists, output),
    ],
  };
}

type Told = Health & { readonly url: string };

function allParts({ masters, init, cron }: Record<"masters" | "init" | "cron", readonly Told[]>): Told[] {
  return [...masters, ...init, ...cron];
}

function marked({ url, healthy, code }: Told): string {
  return `${healthy ? "●" : code === "cannot-store" ? "◐" : "✗"} ${url}`;
}

const BAR = 20;

// Of the whole cluster: a bar, then the numbers.
function bars({ used, total }: Status["lists"], output: OutputForm): [string, string][] {
  const names = { cpus: "CPUs", mem: "Memory", disk: "Disk", gpus: "GPUs" };
  return Object.entries(names).flatMap(([name, label]): [string, string][] => {
    const whole = amount(total as Resource[], name);
    if (whole <= 0) return [];
    const full = Math.round((BAR * amount(used as Resource[], name)) / whole);
    const bar = output.paint("█".repeat(full), "good") + output.paint("░".repeat(BAR - full), "dim");
    return [[label, `${bar} ${usedOf(used, total, name)}`]];
  });
}
