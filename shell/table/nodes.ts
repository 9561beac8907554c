import type { Argument } from "../core/row.ts";
import type { Command } from "./command.ts";

export const nodeArgument: Argument = {
  name: "node",
  about: "an agent: its id, the end of it (S0), its host name, or a unique beginning",
  offers: "node",
};

/** Nodes: the machines whose agents offer resources. */
export const nodeRows: readonly Command[] = [
  {
    path: "node list",
    kind: "read",
    about: "List the nodes, what they have and what is in use",
    examples: [
      { line: "meseta node list", does: "all nodes" },
      { line: "meseta node list --filter rack=a --sort -mem", does: "those of rack a, most memory first" },
      { line: "meseta node list -o '{{agent_info.hostname}}'", does: "only the host names" },
    ],
    load: () => import("../commands/node-list.ts"),
  },
  {
    path: "node show",
    kind: "read",
    about: "Show one node: attributes, resources, reservations, tasks",
    args: [nodeArgument],
    examples: [{ line: "meseta node show S0", does: "the agent whose id ends in S0" }],
    load: () => import("../commands/node-show.ts"),
  },
  {
    path: "node drain",
    kind: "destructive",
    about: "End a node's tasks in good order and offer it to nobody",
    more: "Waits until the node is drained; --no-wait leaves at once, and so does Ctrl-C: the drain goes on in the cluster.",
    args: [nodeArgument],
    flags: [
      { flag: "--grace <duration>", about: "at most this long for tasks to end by themselves", is: "span" },
      { flag: "--mark-gone", about: "when it is drained, remove it for ever", here: true },
      { flag: "--no-wait", about: "do not wait for the end" },
      { flag: "--timeout <duration>", about: "wait at most this long, then exit with 7", is: "span" },
    ],
    examples: [
      { line: "meseta node drain S1 --grace 30s", does: "give each task half a minute" },
      { line: "meseta node drain S1 --yes --timeout 10m", does: "from a script" },
    ],
    load: () => import("../commands/node-drain.ts"),
  },
  {
    path: "node deactivate",
    kind: "write",
    about: "Offer a node to nobody; its tasks go on",
    args: [nodeArgument],
    examples: [{ line: "meseta node deactivate S1", does: "nothing new starts there" }],
    load: () => import("../commands/node-deactivate.ts"),
  },
  {
    path: "node activate",
    kind: "write",
    about: "Offer a drained or deactivated node again",
    args: [nodeArgument],
    examples: [{ line: "meseta node activate S1", does: "it takes part again" }],
    load: () => import("../commands/node-activate.ts"),
  },
  {
    path: "node gone",
    kind: "destructive",
    about: "Declare a node gone for ever; its tasks are reported as gone",
    more: "This cannot be undone: should the machine come back, its agent must join as a new one.",
    args: [nodeArgument],
    examples: [{ line: "meseta node gone S2 --yes", does: "the machine has burnt down" }],
    load: () => import("../commands/node-gone.ts"),
  },
];
