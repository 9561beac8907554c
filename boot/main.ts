// Turns Meseta on: starts the part that is named, or else hands over to the shell. Everything loads lazily, so that an
// agent does not carry the shell, nor `--help` the kernel.
import { AGENT } from "./commands/agent.ts";
import { CRON } from "./commands/cron.ts";
import { DOWN } from "./commands/down.ts";
import { INIT } from "./commands/init.ts";
import { MASTER } from "./commands/master.ts";
import { UP } from "./commands/up.ts";
import type { DaemonCommand, Settings } from "./flags.ts";

const DAEMONS: Readonly<Record<string, { command: DaemonCommand; run(settings: Settings): Promise<number> }>> = {
  up: { command: UP, run: async (settings) => (await import("./up/up.ts")).up(settings, await terminal()) },
  down: { command: DOWN, run: async (settings) => (await import("./up/down.ts")).down(settings, await terminal()) },
  master: { command: MASTER, run: async (settings) => (await import("./master.ts")).master(settings) },
  agent: { command: AGENT, run: async (settings) => (await import("./agent.ts")).agent(settings) },
  init: { command: INIT, run: async (settings) => (await import("./init.ts")).init(settings) },
  cron: { command: CRON, run: async (settings) => (await import("./cron.ts")).cron(settings) },
};

const code = await main(process.argv.slice(2));
await Promise.all([drained(process.stdout), drained(process.stderr)]);
process.exit(code);

async function main(argv: readonly string[]): Promise<number> {
  const isHelp = argv[0] === "help" && argv.length === 2;
  const daemon = DAEMONS[argv[isHelp ? 1 : 0] ?? ""];
  if (argv[0] === "store") return (await import("./store/store.ts")).store(argv, await terminal());
  if (daemon === undefined) return (await import("@meseta/shell/main.ts")).runShell(argv);
  try {
    const { helpOf, readSettings } = await import("./flags.ts");
    if (isHelp || argv.includes("--help") || argv.includes("-h")) {
      process.stdout.write(helpOf(daemon.command));
      return 0;
    }
    return await daemon.run(readSettings(daemon.command, argv.slice(1), process.env));
  } catch (error) {
    return (await import("@meseta/shell/main.ts")).report(error, argv, await terminal());
  }
}

// What was written waits here while its reader is slower, and would be lost with the process. A reader that went away is waited for no more.
function drained(stream: NodeJS.WriteStream): Promise<void> | undefined {
  if (stream.writableLength === 0 || stream.destroyed) return undefined;
  return new Promise((resolve) => void stream.write("", () => resolve()));
}

async function terminal() {
  return (await import("@meseta/shell/io/terminal.ts")).createTerminal();
}
