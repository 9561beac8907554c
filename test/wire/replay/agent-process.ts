// An agent as a process of its own: `node agent-process.ts DIR PORT MASTER_URL`. SIGKILL leaves its tasks running, as any agent's
// death does; SIGTERM here ends them and the launcher too, so that a test leaves nothing behind.
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { parseAttributes, parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { LaunchedContainers } from "@meseta/drivers/container/containers.ts";
import { SandboxFetcher } from "@meseta/drivers/fetch/fetcher.ts";
import { openSqliteInline } from "@meseta/drivers/store/sqlite/inline.ts";
import { AGENT_DEFAULTS } from "@meseta/kernel/core/agent/state.ts";
import { type RunningAgent, startAgent } from "@meseta/kernel/io/agent/server.ts";
import { Users } from "@meseta/kernel/io/agent/users.ts";
import { TextLog } from "@meseta/lib/io/log.ts";

const [dir, port, master] = process.argv.slice(2) as [string, string, string];
mkdirSync(dir, { recursive: true });
const logFile = join(dir, "agent.log");
writeFileSync(logFile, "Log file of an agent that replays recordings, longer than what is read of it.\n");
const { username, uid } = userInfo();
const users = new Users();
let containers: LaunchedContainers | undefined;
const started = Promise.withResolvers<RunningAgent>();

process.on("SIGTERM", () => void leave());
// The test's process is gone.
process.stdin.resume().on("end", () => void leave());

const agent = await startAgent(
  {
    host: "127.0.0.1",
    port: Number(port),
    masters: [master],
    config: {
      ...AGENT_DEFAULTS,
      ...{ hostname: "127.0.0.1", ip: "127.0.0.1", version: "1.12.0", workDir: join(dir, "work"), logFile },
      resources: parseResources("cpus:8;mem:8192;disk:10240;ports:[31000-32000]") as Resource[],
      attributes: parseAttributes("rack:r1;zone:z1") as never,
      ...{ user: username, switchUser: uid === 0, rootTasks: uid === 0 },
      registrationBackoffMs: 50,
      flags: { attributes: "rack:r1;zone:z1" },
    },
  },
  {
    store: openSqliteInline(join(dir, "store.db")),
    log: new TextLog(2, "warn"),
    clock: { nowMs: () => Date.now() },
    openContainers: async (on) => {
      containers = await LaunchedContainers.open({ dir: join(dir, "launcher"), on, cgroups: "none" });
      return containers;
    },
    openFetcher: () =>
      new SandboxFetcher({
        programs: containers!.programs,
        userOf: (name) => users.find(name),
        rootAllowed: true,
        cacheDir: join(dir, "fetch"),
        cacheBytes: 2 ** 31,
      }),
    left: () => void end(),
    fatal(reason) {
      throw reason;
    },
  },
);

started.resolve(agent);

/** Ends all tasks first: the launcher stays while one runs. */
async function leave(): Promise<void> {
  (await started.promise).unregister();
}

async function end(): Promise<void> {
  const running = await started.promise;
  await containers?.stop();
  await running.stop();
  process.exit(0);
}
