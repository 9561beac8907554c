import { type Argument, cronFlag, type Flag, initFlag } from "../core/row.ts";
import type { Command } from "./command.ts";

const machines: Argument = { name: "machine", about: "a host name, an IP address, or both as HOST/IP", many: true };
const agentFlag: Flag = { flag: "--node <name>", about: "ask this node's agent, not the master", here: true };

/** The cluster as a whole: its health, maintenance, events, settings and files. */
export const clusterRows: readonly Command[] = [
  {
    path: "status",
    kind: "read",
    about: "Show the cluster on one page: masters, nodes, tasks, resources",
    flags: [initFlag, cronFlag],
    examples: [{ line: "meseta status", does: "the cluster at http://127.0.0.1:5050" }],
    load: () => import("../commands/status.ts"),
  },
  {
    path: "health",
    kind: "read",
    about: "Ask every master, agent, init and cron whether it is well",
    more: "Exits with 1 when one is not. Whoever answers and cannot store, because a disk is full, say, is not well.",
    flags: [initFlag, cronFlag],
    examples: [{ line: "meseta health || echo trouble", does: "for a script" }],
    load: () => import("../commands/health.ts"),
  },
  {
    path: "events",
    kind: "stream",
    about: "Print what happens in the cluster",
    flags: [
      { flag: "-f, --follow", about: "stay, and print what happens from now on", here: true },
      { flag: "-o, --output <form>", about: "table or json (one object a line)", default: "table" },
      { flag: "--json", about: "the same as -o json" },
    ],
    examples: [
      { line: "meseta events -f", does: "until Ctrl-C" },
      { line: "meseta events -f --json", does: "for a program, one event a line" },
    ],
    load: () => import("../commands/events.ts"),
  },
  {
    path: "maintenance show",
    kind: "read",
    about: "Show which machines are or will be in maintenance",
    examples: [{ line: "meseta maintenance show", does: "the schedule and who has agreed" }],
    load: () => import("../commands/maintenance-show.ts"),
  },
  {
    path: "maintenance schedule",
    kind: "write",
    about: "Plan maintenance for machines, or take them off the plan",
    args: [machines],
    flags: [
      { flag: "--in <duration>", about: "when it begins, from now", is: "span", default: "0", here: true },
      { flag: "--for <duration>", about: "how long it takes; not given, without an end", is: "span", here: true },
      { flag: "--cancel", about: "take these machines off the plan", here: true },
    ],
    examples: [
      { line: "meseta maintenance schedule node1/10.0.0.4 --in 2h --for 30m", does: "frameworks are asked to leave" },
      { line: "meseta maintenance schedule node1/10.0.0.4 --cancel", does: "not after all" },
    ],
    load: () => import("../commands/maintenance-schedule.ts"),
  },
  {
    path: "maintenance start",
    kind: "destructive",
    about: "Begin maintenance: the machines' agents and tasks end",
    args: [machines],
    examples: [{ line: "meseta maintenance start node1/10.0.0.4", does: "it must be scheduled before" }],
    load: () => import("../commands/maintenance-start.ts"),
  },
  {
    path: "maintenance stop",
    kind: "write",
    about: "End maintenance: the machines may join again",
    args: [machines],
    examples: [{ line: "meseta maintenance stop node1/10.0.0.4", does: "back in service" }],
    load: () => import("../commands/maintenance-stop.ts"),
  },
  {
    path: "flags",
    kind: "read",
    about: "List the settings that a master or agent runs with",
    flags: [agentFlag],
    examples: [{ line: "meseta flags --node S0", does: "of that node's agent" }],
    load: () => import("../commands/flags.ts"),
  },
  {
    path: "metrics",
    kind: "read",
    about: "List the measurements of a master or agent",
    args: [{ name: "pattern", about: "only names that fit, as in 'master/tasks_*'", optional: true }],
    flags: [agentFlag],
    examples: [{ line: "meseta metrics 'master/tasks_*'", does: "counts of tasks by state" }],
    load: () => import("../commands/metrics.ts"),
  },
  {
    path: "state",
    kind: "read",
    about: "Show all that a master or agent knows, as one object",
    flags: [agentFlag],
    examples: [{ line: "meseta state -o '{{get_tasks.tasks.0.state}}'", does: "one value of it" }],
    load: () => import("../commands/state.ts"),
  },
  {
    path: "logging show",
    kind: "read",
    about: "Show how much a master or agent writes into its log",
    flags: [agentFlag],
    examples: [{ line: "meseta logging show", does: "the leading master's level" }],
    load: () => import("../commands/logging-show.ts"),
  },
  {
    path: "logging set",
    kind: "write",
    about: "Let a master or agent write more into its log for a while",
    args: [{ name: "level", about: "0 (usual) to 3 (all)", offers: ["0", "1", "2", "3"] }],
    flags: [
      agentFlag,
      { flag: "--for <duration>", about: "then back to usual", is: "span", default: "10m", here: true },
    ],
    examples: [{ line: "meseta logging set 2 --for 5m --node S0", does: "look closely at one agent" }],
    load: () => import("../commands/logging-set.ts"),
  },
  {
    path: "files ls",
    kind: "read",
    about: "List files of a node's sandboxes, or of the master",
    args: [{ name: "path", about: "a folder as the agent names it; `task show` tells a sandbox's" }],
    flags: [agentFlag],
    examples: [{ line: "meseta files ls /frameworks/F/executors/E/runs/latest --node S0", does: "a task's sandbox" }],
    load: () => import("../commands/files-ls.ts"),
  },
  {
    path: "files cat",
    kind: "stream",
    about: "Print a file of a node's sandbox, or of the master",
    args: [{ name: "path", about: "a file as the agent names it" }],
    flags: [agentFlag, { flag: "-f, --follow", about: "stay, and print what is added", here: true }],
    examples: [
      { line: "meseta files cat -f /master/log", does: "follow the master's log" },
      { line: "meseta files cat /slave/log --node S0", does: "an agent's log" },
    ],
    load: () => import("../commands/files-cat.ts"),
  },
];
