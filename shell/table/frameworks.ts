import type { Argument } from "../core/row.ts";
import type { Command } from "./command.ts";

const frameworkArgument: Argument = {
  name: "framework",
  about: "its id, the end of it (0001), its name, or a unique beginning",
  offers: "framework",
};

/** Frameworks, the roles that they take part in, and what is going on for them. */
export const frameworkRows: readonly Command[] = [
  {
    path: "framework list",
    kind: "read",
    about: "List the frameworks, their roles and what they use",
    flags: [{ flag: "-a, --all", about: "also those that have ended", here: true }],
    examples: [{ line: "meseta framework list --all", does: "with those that have ended" }],
    load: () => import("../commands/framework-list.ts"),
  },
  {
    path: "framework show",
    kind: "read",
    about: "Show one framework: roles, capabilities, offers, tasks",
    args: [frameworkArgument],
    examples: [{ line: "meseta framework show 0001", does: "the one whose id ends in 0001" }],
    load: () => import("../commands/framework-show.ts"),
  },
  {
    path: "framework explain",
    kind: "read",
    about: "Say why a framework gets no offers, node by node",
    args: [frameworkArgument],
    flags: [{ flag: "--role <role>", about: "only this role", here: true }],
    examples: [{ line: "meseta framework explain web", does: "what keeps each node from it" }],
    load: () => import("../commands/framework-explain.ts"),
  },
  {
    path: "framework teardown",
    kind: "destructive",
    about: "End a framework and all its tasks",
    more: "This cannot be undone: its id can never be used again.",
    args: [frameworkArgument],
    examples: [{ line: "meseta framework teardown 0001", does: "asks first, naming its tasks" }],
    load: () => import("../commands/framework-teardown.ts"),
  },
  {
    path: "role list",
    kind: "read",
    about: "List the roles, their weights and what they use",
    examples: [{ line: "meseta role list", does: "all that are in use or have a weight or quota" }],
    load: () => import("../commands/role-list.ts"),
  },
  {
    path: "operation list",
    kind: "read",
    about: "List the operations on resources and how they went",
    examples: [{ line: "meseta operation list --filter state=pending", does: "those under way" }],
    load: () => import("../commands/operation-list.ts"),
  },
];
