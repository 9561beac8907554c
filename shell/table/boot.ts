import type { Command } from "./command.ts";

/** Commands that start or stop a part of the system: boot/ reads their flags and carries them out. */
export const bootRows: readonly Command[] = [
  {
    path: "up",
    kind: "boot",
    about: "Start a cluster on this machine and stay until Ctrl-C",
    examples: [{ line: "meseta up --agents 5 --dir ~/cluster", does: "five agents, kept in that folder" }],
  },
  {
    path: "down",
    kind: "boot",
    about: "End the cluster of this machine and all its tasks",
    examples: [{ line: "meseta down --wipe", does: "and remove its folder" }],
  },
  {
    path: "master",
    kind: "boot",
    about: "Run a master in the foreground",
    examples: [{ line: "meseta master --port 5050 --dir /var/lib/meseta/master", does: "one master, alone" }],
  },
  {
    path: "agent",
    kind: "boot",
    about: "Run an agent in the foreground",
    examples: [{ line: "meseta agent --master http://10.0.0.1:5050 --attributes 'rack:a'", does: "join a cluster" }],
  },
  {
    path: "init",
    kind: "boot",
    about: "Run an init in the foreground",
    examples: [{ line: "meseta init --master http://10.0.0.1:5050 --name marathon", does: "keep services running" }],
  },
  {
    path: "cron",
    kind: "boot",
    about: "Run a cron in the foreground",
    examples: [{ line: "meseta cron --master http://10.0.0.1:5050 --name chronos", does: "run jobs on time" }],
  },
];
