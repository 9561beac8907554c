import type { Command } from "./command.ts";

/** Running something, and the shell's own affairs. */
export const everydayRows: readonly Command[] = [
  {
    path: "run",
    kind: "stream",
    about: "Run a command on the cluster, show its output, exit with its code",
    more: "One word is a shell's command line; several are a program and its arguments. Ctrl-C kills the tasks. Exit codes: the task's own, 125 when the cluster failed, 126 when the task cannot be run, 127 when the command does not exist, 128+n when signal n ended it.",
    args: [{ name: "command", about: "what to run", optional: true, many: true }],
    passThrough: true,
    flags: [
      { flag: "--instances <number>", about: "how many of it", is: "count", default: "1" },
      { flag: "--cpus <number>", about: "processors for each", is: "amount", default: "0.1" },
      { flag: "--mem <size>", about: "memory for each: MiB, or with a unit", is: "size", default: "128" },
      { flag: "--disk <size>", about: "disk for each: MiB, or with a unit", is: "size", default: "0" },
      { flag: "--gpus <number>", about: "GPUs for each", is: "amount", default: "0" },
      { flag: "--ports <number>", about: "ports for each, told as $PORT0, $PORT1 …", is: "count" },
      { flag: "-e, --env <name=value>", about: "a variable of its environment", is: "pair", repeat: true, here: true },
      { flag: "--name <name>", about: "a name for it, for people", here: true },
      { flag: "--role <role>", about: "the role whose share it uses", default: "*" },
      { flag: "--user <name>", about: "run as this user of the node; not given: as you" },
      { flag: "--task-group <file>", about: "run the TaskGroupInfo in this JSON file instead", here: true },
      { flag: "--timeout <duration>", about: "give up when it is not placed by then", is: "span" },
    ],
    examples: [
      { line: "meseta run 'echo hello from $(hostname)'", does: "a shell's command line" },
      { line: "meseta run --instances 3 --cpus 0.5 --mem 256 python3 job.py --fast", does: "three at once" },
      { line: "meseta run --task-group pod.json", does: "several tasks that live and die together" },
    ],
    load: () => import("../commands/run.ts"),
  },
  {
    path: "version",
    kind: "read",
    about: "Show the versions of this program and of the cluster",
    examples: [{ line: "meseta version -o json", does: "for a program" }],
    load: () => import("../commands/version.ts"),
  },
  {
    path: "config explain",
    kind: "local",
    about: "Show each setting, its value, and where that came from",
    more: "A flag goes before MESETA_NAME in the environment, then ./meseta.yaml, then ~/.config/meseta/config.yaml. These files hold lines `name: value`, in sections of commands where that is wanted, or a JSON object. Where nothing names a master, it is the one that `meseta up` has started here.",
    examples: [{ line: "MESETA_OUTPUT=json meseta config explain", does: "output comes from the environment" }],
    load: () => import("../commands/config-explain.ts"),
  },
  {
    path: "completion",
    kind: "local",
    about: "Print a script that completes commands and names in your shell",
    args: [{ name: "shell", about: "bash, zsh or fish", offers: ["bash", "zsh", "fish"] }],
    examples: [
      { line: 'eval "$(meseta completion bash)"', does: "in ~/.bashrc" },
      { line: "meseta completion fish > ~/.config/fish/completions/meseta.fish", does: "for fish" },
    ],
    load: () => import("../commands/completion.ts"),
  },
  {
    path: "complete",
    kind: "local",
    hidden: true,
    passThrough: true,
    about: "Print what may come next on a command line",
    args: [
      { name: "words", about: "the line so far; the last word is the unfinished one", optional: true, many: true },
    ],
    examples: [{ line: "meseta complete node sh", does: "prints `show`" }],
    load: () => import("../commands/complete.ts"),
  },
  {
    path: "help",
    kind: "local",
    about: "Show help for a command, the exit codes or an error",
    args: [{ name: "topic", about: "a command, exit-codes, errors, or an error's code", optional: true, many: true }],
    examples: [
      { line: "meseta help exit-codes", does: "what each number means" },
      { line: "meseta help cluster-unreachable", does: "the page of an error" },
    ],
    load: () => import("../commands/help.ts"),
  },
];
