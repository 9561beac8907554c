import { randomInt, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Attribute, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { LoopLimits } from "@meseta/lib/core/bounds.ts";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Bounds } from "@meseta/lib/io/http/bounds.ts";
import type { Admit, Handler } from "@meseta/lib/io/http/request.ts";
import { type Routes, route } from "@meseta/lib/io/http/router.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import type { Fetcher } from "../../core/agent/outside.ts";
import type { ContainerEvent, Containers } from "../../core/agent/ports.ts";
import type { AgentConfig } from "../../core/agent/state.ts";
import { explainCode } from "../error-pages.ts";
import { Verbosity } from "../logging.ts";
import { Ends } from "./ends.ts";
import { executorHandler } from "./executor.ts";
import { noFetcher } from "./fetches.ts";
import { AgentFiles } from "./files.ts";
import type { Front } from "./front.ts";
import { Inputs } from "./input.ts";
import { inspectionRoutes } from "./inspection.ts";
import { KnownContainers } from "./known.ts";
import { legacyRoutes } from "./legacy.ts";
import { LinkClient } from "./link-client.ts";
import { AgentLoop } from "./loop.ts";
import { operatorHandler } from "./operator.ts";
import { type Dial, PortProbes } from "./probes.ts";
import { SandboxFiles } from "./sandboxes.ts";
import { Users } from "./users.ts";

export interface AgentOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** Masters, each "http://host:port"; any of them may lead. */
  readonly masters: readonly string[];
  /** All settings but the port (unless another one is advertised) and the pid, which are what they are; `flags` are shown as given. */
  readonly config: Omit<AgentConfig, "port" | "pid"> & { readonly port?: number | undefined };
  /** `--host-names`: further names that clients call it by where it listens on loopback only. */
  readonly hostNames?: readonly string[] | undefined;
  readonly bounds?: Partial<Bounds>;
}

export interface AgentPorts {
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  /** What `--limits` says of the loop; left out, the defaults. */
  readonly loopLimits?: LoopLimits | undefined;
  /** Opens the driver; `on` hears what becomes of containers. */
  openContainers(on: (event: ContainerEvent) => void): Promise<OpenContainers>;
  /** Opens the fetcher, once the containers are open; `close` ends all fetches. Left out, nothing can be fetched. */
  openFetcher?(): Fetcher & { close(): void };
  /** The machine's boot id; left out, Linux is asked. */
  readonly bootId?: string | undefined;
  /** Every request passes here before anything else; left out, everybody is admitted. */
  readonly admit?: Admit | undefined;
  /** Added to requests to the master; credentials, say. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** The seed of the core's randomness; left out, the machine's own. */
  readonly seed?: (() => number) | undefined;
  /** The agent has left the cluster (it was marked gone, shut down or unregistered): the process must end. */
  left(reason: string): void;
  /** The process must end: the store belongs to another agent, or it cannot be read. */
  fatal(reason: Error): void;
}

/** The driver as the agent opens it. */
export interface OpenContainers extends Containers {
  /** Lets go of the containers: they run on. */
  close(): void;
  /** The way to a port as a container means it; left out, checks cannot look inside. */
  dial?: Dial | undefined;
}

/** An agent that listens and looks for its master. */
export interface RunningAgent extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly loop: AgentLoop;
  /** SIGUSR1: ends all tasks and leaves the cluster; `left` is called at the end. */
  unregister(): void;
  /** Ends all tasks, telling the reason in their last status; `left` is called when nothing runs. The agent stays a member. */
  endTasks(reason: string): void;
  /** Other resources or attributes, without a restart of any task. */
  reconfigure(resources: Resource[] | undefined, attributes: Attribute[] | undefined): void;
  /** SIGTERM: stops listening and closes the store. Tasks run on. */
  stop(): Promise<void>;
}

/**
 * Listens at once, answering 503 until the records are read; resolves when they are, and the launcher was asked what runs. The
 * link to the master comes after. Rejects when the port is taken, or store or launcher cannot be opened.
 */
export async function startAgent(options: AgentOptions, ports: AgentPorts): Promise<RunningAgent> {
  const startMs = performance.now();
  const late: { handler: Handler } = { handler: () => textAnswer(503, "Agent has not finished recovery") };
  const { host, port, bounds } = options;
  const handler: Handler = (request, reply) => late.handler(request, reply);
  const hostNames = [options.config.hostname, ...(options.hostNames ?? [])];
  const server = await serve({ host, port, handler, log: ports.log, admit: ports.admit, hostNames, bounds });
  let agent: Assembled | undefined;
  try {
    const config = { ...options.config, port: options.config.port ?? server.port, pid: process.pid };
    agent = await assemble(config, options, server, ports);
    await agent.loop.start();
    agent.tidy();
    agent.front.recoveryMs = performance.now() - startMs;
    late.handler = agentHandler(agent.front);
    return running(server, agent, ports);
  } catch (error) {
    await server.close();
    agent?.close();
    await ports.store.close();
    throw error;
  }
}

/** All that the agent answers. */
export function agentHandler(front: Front): Handler {
  return route(agentRoutes(front), ["/slave(1)"]);
}

/** The same by path; all stand below /slave(1) as well. */
export function agentRoutes(front: Front): Routes {
  return {
    ...legacyRoutes(front),
    ...inspectionRoutes,
    "/api/v1": operatorHandler(front),
    "/api/v1/executor": executorHandler(front),
    "/docs/errors": explainCode,
    "/docs/errors/*": explainCode,
  };
}

interface Assembled {
  readonly loop: AgentLoop;
  readonly front: Front;
  readonly link: LinkClient;
  /** Removes what an earlier life moved aside to be removed. */
  tidy(): void;
  close(): void;
}

async function assemble(
  config: AgentConfig,
  { masters }: AgentOptions,
  { counts: http }: HttpServer,
  ports: AgentPorts,
): Promise<Assembled> {
  const { log } = ports;
  const users = new Users();
  const ends = new Ends();
  // A task may end before all is there that is to hear of it; what was heard goes to the core with all that ran.
  const early: ContainerEvent[] = [];
  let hear = (event: ContainerEvent): void => void early.push(event);
  const driver = await ports.openContainers((event) => hear(event));
  const fetcher = ports.openFetcher?.() ?? noFetcher;
  const containers: KnownContainers = new KnownContainers(driver);
  const link = new LinkClient({
    masters,
    processId: randomUUID(),
    headers: ports.headers,
    mostDroppableBytes: config.limits.linkDroppableBytes,
    event: (id, event) => {
      if (event.type === "RUN") containers.expect();
      loop.post({ type: "link-event", link: id, event });
    },
    closed: (id, reason) => loop.post({ type: "link-closed", link: id, reason }),
  });
  const sandboxes = new SandboxFiles(config.workDir, users);
  const probes = new PortProbes(driver.dial?.bind(driver), config.limits.probes);
  const loop: AgentLoop = new AgentLoop(config, {
    ...ports,
    link,
    containers,
    sandboxes,
    probes,
    fetcher,
    bootId: ports.bootId ?? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    seed: ports.seed ?? (() => randomInt(2 ** 32)),
    exit: (reason) => void link.farewell.then(() => ports.left(reason)),
  });
  for (const event of early) containers.heard(event);
  hear = (event) => {
    containers.heard(event);
    loop.post({ type: "container", event });
    ends.heard(event);
  };
  const files = new AgentFiles(loop, config.logFile, users);
  const inputs = new Inputs(config.limits);
  const verbosity = new Verbosity(log);
  const own = { containers, fetcher, ends, inputs, probes, files, verbosity };
  const front = { loop, link, config, log, http, recoveryMs: 0, ...own };
  const tidy = () => {
    sandboxes
      .emptyOldTrash(new Set(loop.state.erasing.keys()))
      .catch((error: Error) => log.warn("old trash could not be removed", { error: error.message }));
  };
  const close = () => {
    fetcher.close();
    driver.close();
  };
  return { loop, front, link, tidy, close };
}

function running(server: HttpServer, agent: Assembled, { store }: AgentPorts): RunningAgent {
  const { loop, link } = agent;
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      loop.stop();
      link.close();
      await server.close();
      agent.close();
      await store.close();
    })();
    return stopping;
  };
  return {
    url: server.url,
    port: server.port,
    loop,
    unregister: () => loop.post({ type: "unregister" }),
    endTasks: (reason) => loop.post({ type: "end-tasks", reason }),
    reconfigure: (resources, attributes) => loop.post({ type: "reconfigure", resources, attributes }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
