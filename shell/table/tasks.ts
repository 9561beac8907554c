import type { Argument, Flag } from "../core/row.ts";
import type { Command } from "./command.ts";
import { nodeArgument } from "./nodes.ts";

const taskArgument: Argument = { name: "task", about: "a task's id, or a unique beginning of it", offers: "task" };
const frameworkFlag: Flag = {
  flag: "--framework <name>",
  about: "look only among this framework's tasks",
  here: true,
};
const all: Flag = { flag: "-a, --all", about: "also those that have ended", here: true };

const list = {
  kind: "read",
  args: [],
  flags: [all, frameworkFlag, { flag: "--node <name>", about: "look only on this node", here: true }],
  load: () => import("../commands/task-list.ts"),
} as const;

const log = {
  kind: "stream",
  args: [taskArgument, { name: "file", about: "stdout, stderr or another file of its sandbox", optional: true }],
  flags: [
    { flag: "-f, --follow", about: "stay, and print what is added until the task ends", here: true },
    { flag: "-n, --lines <number>", about: "only this many lines from the end", is: "count", here: true },
    frameworkFlag,
  ],
  load: () => import("../commands/task-log.ts"),
} as const;

const interactive: Flag = { flag: "-i, --interactive", about: "pass on what is typed or piped into it", here: true };

const exec = {
  kind: "stream",
  passThrough: true,
  args: [taskArgument, { name: "command", about: "what to run", many: true }],
  flags: [
    interactive,
    { flag: "-t, --tty", about: "give it a terminal, as large as this one", here: true },
    { flag: "-e, --env <name=value>", about: "a variable of its environment", is: "pair", repeat: true, here: true },
    { flag: "-u, --user <name>", about: "run as this user of the container", here: true },
    frameworkFlag,
  ],
  load: () => import("../commands/task-exec.ts"),
} as const;

const container: Argument = { name: "container", about: "its id, parents first with dots, or a unique beginning" };

const kill = {
  kind: "destructive",
  args: [taskArgument],
  flags: [
    frameworkFlag,
    { flag: "--signal <name>", about: "only this signal; not given: TERM, then KILL", here: true },
    { flag: "--grace <duration>", about: "how long after TERM it is killed", is: "span", default: "5s" },
    { flag: "--no-wait", about: "do not wait for the end" },
    { flag: "--timeout <duration>", about: "wait at most this long, then exit with 7", is: "span", default: "30s" },
  ],
  load: () => import("../commands/task-kill.ts"),
} as const;

/** Tasks, what they print, and the executors and containers around them. */
export const taskRows: readonly Command[] = [
  {
    ...list,
    path: "task list",
    about: "List the tasks and where they run",
    examples: [
      { line: "meseta task list", does: "what runs now" },
      { line: "meseta task list --all --sort -age", does: "with what has ended, oldest first" },
      { line: "meseta task list -w", does: "stay, and show each change" },
    ],
  },
  {
    ...list,
    path: "ps",
    about: "List the tasks: short for `task list`",
    examples: [{ line: "meseta ps -a", does: "all tasks, ended ones too" }],
  },
  {
    path: "task show",
    kind: "read",
    about: "Show one task: state, history, resources, health, sandbox",
    args: [taskArgument],
    flags: [frameworkFlag],
    examples: [{ line: "meseta task show web.1", does: "all about it" }],
    load: () => import("../commands/task-show.ts"),
  },
  {
    ...log,
    path: "task log",
    about: "Print what a task has written",
    examples: [
      { line: "meseta task log web.1", does: "its stdout up to now" },
      { line: "meseta task log -f web.1 stderr", does: "follow its stderr" },
    ],
  },
  {
    ...log,
    path: "logs",
    about: "Print what a task has written: short for `task log`",
    examples: [{ line: "meseta logs -f web.1", does: "follow its stdout" }],
  },
  {
    ...exec,
    path: "task exec",
    about: "Run a command in a running task's container",
    more: "It starts beside the task, with its files, namespaces and limits, and ends with this command. One word is a shell's command line; several are a program and its arguments. Exit codes: the command's own, 125 when the cluster failed, 126 when it cannot be run, 127 when it does not exist, 128+n when signal n ended it.",
    examples: [
      { line: "meseta task exec -it web.1 -- sh", does: "a shell inside; leave it by exit or Ctrl-D" },
      { line: "meseta task exec web.1 cat /proc/self/cgroup", does: "look around where the task is" },
      { line: "echo hi | meseta task exec -i web.1 -- cat", does: "what is piped in arrives there" },
    ],
  },
  {
    ...exec,
    path: "exec",
    about: "Run a command in a running task's container: short for `task exec`",
    examples: [{ line: "meseta exec web.1 'ls -la; env'", does: "one word is a shell's command line" }],
  },
  {
    path: "task attach",
    kind: "stream",
    about: "Show what a running task writes from now on, and type into it",
    more: "With -i what is typed here is typed there: the task must have a terminal (`meseta run -it`). Ctrl-P Ctrl-Q leaves it running; without -i Ctrl-C does. Exits with the task's code when it ends.",
    args: [taskArgument],
    flags: [interactive, frameworkFlag],
    examples: [
      { line: "meseta task attach web.1", does: "follow its stdout and stderr" },
      { line: "meseta task attach -i shell.1", does: "take up a shell again that was left" },
    ],
    load: () => import("../commands/task-attach.ts"),
  },
  {
    path: "task ls",
    kind: "read",
    about: "List the files of a task's sandbox",
    args: [taskArgument, { name: "path", about: "a folder in it", optional: true }],
    flags: [frameworkFlag],
    examples: [
      { line: "meseta task ls web.1", does: "what lies there" },
      { line: "meseta task ls web.1 conf --sort -size", does: "largest first" },
    ],
    load: () => import("../commands/task-ls.ts"),
  },
  {
    path: "task download",
    kind: "stream",
    about: "Copy a file or a folder of a task's sandbox to this machine",
    more: "Nothing is written outside the destination, whatever links the sandbox holds; a file appears under its name when it is whole.",
    args: [
      taskArgument,
      { name: "path", about: "a file or folder in its sandbox; . is all of it" },
      { name: "dest", about: "where to; not given: here, under its own name", optional: true },
    ],
    flags: [frameworkFlag],
    examples: [
      { line: "meseta task download web.1 core.1234", does: "one file, into this folder" },
      { line: "meseta task download web.1 . /tmp/web", does: "the whole sandbox" },
    ],
    load: () => import("../commands/task-download.ts"),
  },
  {
    path: "task stats",
    kind: "read",
    about: "Show what running tasks use: processors, memory, disk, processes, network",
    more: "CPUS is how many processors it kept busy between two looks, 0.4 s apart; with -w every 2 s. What is not measured is shown as -.",
    args: [{ ...taskArgument, about: "one task; not given: all that run", optional: true }],
    flags: [frameworkFlag],
    examples: [
      { line: "meseta task stats", does: "all running tasks" },
      { line: "meseta task stats web.1 -w", does: "stay, and look every two seconds" },
      { line: "meseta task stats --sort -mem -o json", does: "for a program, largest first" },
    ],
    load: () => import("../commands/task-stats.ts"),
  },
  {
    ...kill,
    path: "task kill",
    about: "End a task by a signal to its container",
    more: "Its framework hears that it ended, and may start it again: `framework teardown` ends both.",
    examples: [{ line: "meseta task kill web.1 --yes", does: "kill it without asking" }],
  },
  {
    ...kill,
    path: "stop",
    about: "End a task: short for `task kill`",
    examples: [{ line: "meseta stop web.1", does: "asks first" }],
  },
  {
    path: "executor list",
    kind: "read",
    about: "List the executors and where they run",
    examples: [{ line: "meseta executor list", does: "all of the cluster" }],
    load: () => import("../commands/executor-list.ts"),
  },
  {
    path: "container list",
    kind: "read",
    about: "List the containers of a node and what they use",
    args: [nodeArgument],
    flags: [{ flag: "--nested", about: "also containers within containers", here: true }],
    examples: [{ line: "meseta container list S0 -o wide", does: "with process ids and times" }],
    load: () => import("../commands/container-list.ts"),
  },
  {
    path: "container launch",
    kind: "write",
    about: "Start a container that belongs to no framework, and print its id",
    more: "With --image the command is what the image's entrypoint is given, and may be left out.",
    args: [nodeArgument, { name: "command", about: "what to run", optional: true, many: true }],
    passThrough: true,
    flags: [
      { flag: "--resources <list>", about: "what it may use", default: "cpus:0.1;mem:64", here: true },
      { flag: "-e, --env <name=value>", about: "a variable of its environment", is: "pair", repeat: true, here: true },
      { flag: "--user <name>", about: "run as this user of the node, or of the image", here: true },
      { flag: "--image <name>", about: "run it in this image: debian:12, oci:/folder:tag", here: true },
      { flag: "--pull", about: "ask the registry even when the image is there", here: true },
      { flag: "--docker-config <file>", about: "a Docker config file with the credentials for the image", here: true },
      {
        flag: "-v, --volume <from:to>",
        about: "a path of the node, seen inside; from:to:ro read-only",
        repeat: true,
        here: true,
      },
      { flag: "--network <name>", about: "join this network of the node", repeat: true, here: true },
    ],
    examples: [
      { line: "meseta container launch S0 sleep 60", does: "outside all sharing, for operators" },
      { line: "meseta container launch --image debian:12 S0 -- sleep 60", does: "the same in an image" },
    ],
    load: () => import("../commands/container-launch.ts"),
  },
  {
    path: "container wait",
    kind: "stream",
    about: "Wait for a container's end, and exit with its code",
    args: [nodeArgument, container],
    examples: [{ line: "meseta container wait S0 3f2a", does: "128+n when signal n ended it" }],
    load: () => import("../commands/container-wait.ts"),
  },
  {
    path: "container kill",
    kind: "destructive",
    about: "Send a signal to a container",
    args: [nodeArgument, container],
    flags: [{ flag: "--signal <name>", about: "the signal, as in SIGTERM", default: "SIGKILL", here: true }],
    examples: [{ line: "meseta container kill S0 3f2a --yes", does: "end it at once" }],
    load: () => import("../commands/container-kill.ts"),
  },
  {
    path: "container rm",
    kind: "destructive",
    about: "Remove what is left of a container that has ended",
    args: [nodeArgument, { ...container, about: "its whole id, parents first with dots" }],
    examples: [{ line: "meseta container rm S0 3f2a0c1e --yes", does: "its sandbox goes too" }],
    load: () => import("../commands/container-rm.ts"),
  },
  {
    path: "provider list",
    kind: "read",
    about: "List the resource providers of a node",
    args: [nodeArgument],
    examples: [{ line: "meseta provider list S0", does: "storage and others that plug into the agent" }],
    load: () => import("../commands/provider-list.ts"),
  },
  {
    path: "image prune",
    kind: "destructive",
    about: "Remove the images on a node that no container uses",
    args: [nodeArgument],
    examples: [{ line: "meseta image prune S0 --yes", does: "the next use fetches them again" }],
    load: () => import("../commands/image-prune.ts"),
  },
];
