import type { Command } from "./command.ts";

/** What one learns the API with, and how the shell is set. */
export const ownRows: readonly Command[] = [
  {
    path: "config set",
    kind: "local",
    about: "Keep a setting in your own configuration file",
    more: "The file is ~/.config/meseta/config.yaml. A setting has the name of a flag, or command.flag for one command alone; `hints off` ends the hint that is shown once a day.",
    args: [
      { name: "name", about: "master, output, run.cpus, hints …" },
      { name: "value", about: "what the flag would be given" },
    ],
    examples: [
      { line: "meseta config set master http://10.0.0.1:5050,http://10.0.0.2:5050", does: "the cluster to talk to" },
      { line: "meseta config set hints off", does: "no more hints" },
    ],
    load: () => import("../commands/config-set.ts"),
  },
  {
    path: "explain",
    kind: "local",
    about: "Show what a message or field of the API is",
    more: "Names are those of the wire, joined by dots: a message, then its fields. Where APIs share a name, the API goes before it: scheduler.Call. Words such as task, agent, offer stand for their messages. Why something does not run is said by `framework explain` and `task show`.",
    args: [{ name: "what", about: "TaskInfo, TaskInfo.container, task.command.uris, TaskState …", optional: true }],
    flags: [
      { flag: "-o, --output <form>", about: "table, wide or json", default: "table" },
      { flag: "--json", about: "the same as -o json" },
    ],
    examples: [
      { line: "meseta explain TaskInfo.container", does: "a field, and what its message holds" },
      { line: "meseta explain scheduler.Call.accept", does: "what a framework sends to use an offer" },
      { line: "meseta explain TaskState", does: "the words of an enum" },
    ],
    load: () => import("../commands/explain.ts"),
  },
];
