import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import type { SchedulerClient, SchedulerOptions } from "@meseta/sdk/scheduler/client.ts";
import type { InitConfig } from "../core/config.ts";

export interface MasterPorts {
  /** A client of the masters; it connects with `start`. */
  connect(options: SchedulerOptions): SchedulerClient;
  heard(event: Event): void;
  disconnected(): void;
  /** A call came to nothing: refused with these words, or nobody knows. */
  failed(call: Omit<Call, "framework_id">, refusal: string | undefined): void;
  /** The master wants no more of this framework. */
  ended(why: string): void;
  readonly log: Log;
}

/** Under which roles offers are wanted, and under which of them not now. */
interface Roles {
  readonly roles: readonly string[];
  readonly suppressed: readonly string[];
}

/** The connection to the master. It begins when the roles are known; what is sent while there is none is lost, as whoever counts on it knows. */
export class MasterLink {
  readonly #config: InitConfig;
  readonly #ports: MasterPorts;
  #client: SchedulerClient | undefined;
  #framework: FrameworkInfo | undefined;
  #suppressed: readonly string[] = [];
  /** The roles have changed while there was no stream: the subscription that comes may still name the old ones. */
  #isBehind = false;

  constructor(config: InitConfig, ports: MasterPorts) {
    this.#config = config;
    this.#ports = ports;
  }

  /** Subscribes with these roles, or changes them; as the framework of this id, or a new one. */
  want({ roles, suppressed }: Roles, frameworkId: string | undefined): void {
    const framework = frameworkOf(this.#config, roles, frameworkId);
    this.#framework = framework;
    this.#suppressed = suppressed;
    if (this.#client === undefined) return this.#connect(framework, suppressed);
    this.#client.describe(framework, suppressed);
    if (this.#client.subscribed) this.#update(this.#client);
    else this.#isBehind = true;
  }

  send(call: Omit<Call, "framework_id">): void {
    const client = this.#client;
    if (!client?.subscribed) return;
    client.call(call).catch((error) => {
      this.#failed(call.type, error);
      if (this.#client === client) this.#ports.failed(call, error instanceof CallRefused ? wordsOf(error) : undefined);
    });
  }

  close(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  #connect(framework: FrameworkInfo, suppressedRoles: readonly string[]): void {
    const client = this.#ports.connect({ framework, suppressedRoles, acknowledge: "manual" });
    this.#client = client;
    const isMine = () => this.#client === client;
    client.start({
      event: (event) => {
        if (isMine()) this.#heard(event, client);
      },
      disconnected: ({ reason, wasOpen, retryInMs }) => {
        this.#ports.log.warn("There is no connection to a master", { reason, retryInMs: Math.round(retryInMs) });
        if (isMine() && wasOpen) this.#ports.disconnected();
      },
      ended: (why) => {
        if (isMine()) this.#ports.ended(why);
      },
    });
  }

  #heard(event: Event, client: SchedulerClient): void {
    if (event.type === "SUBSCRIBED" && this.#isBehind) this.#update(client);
    this.#ports.heard(event);
  }

  #update(client: SchedulerClient): void {
    this.#isBehind = false;
    client
      .updateFramework(this.#framework!, this.#suppressed)
      .catch((error) => this.#failed("UPDATE_FRAMEWORK", error));
  }

  // What got no answer is as good as lost; a refusal means that something is wrong.
  #failed(call: string | undefined, error: Error): void {
    if (error instanceof CallRefused) this.#ports.log.error("The master refuses a call", { call, error });
    else this.#ports.log.debug("A call to the master was lost", { call, error });
  }
}

function wordsOf({ status, text }: CallRefused): string {
  return `${status} ${text}`.trim();
}

/** How init presents itself. */
export function frameworkOf(config: InitConfig, roles: readonly string[], id: string | undefined): FrameworkInfo {
  return {
    name: config.frameworkName,
    user: config.user ?? "",
    ...(id !== undefined && { id: { value: id } }),
    roles: [...roles],
    checkpoint: true,
    failover_timeout: config.failoverTimeoutMs / 1000,
    hostname: config.hostname,
    webui_url: config.webuiUrl ?? `http://${config.address}`,
    ...(config.principal !== undefined && { principal: config.principal }),
    capabilities: capabilitiesOf(config).map((type) => ({ type })),
  };
}

function capabilitiesOf({ definitions }: InitConfig) {
  return [
    "MULTI_ROLE" as const,
    "PARTITION_AWARE" as const,
    "RESERVATION_REFINEMENT" as const,
    "REGION_AWARE" as const,
    "TASK_KILLING_STATE" as const,
    // Marathon's own checks are carried out by the agents.
    "PROBES" as const,
    ...(definitions.features.has("gpu_resources") ? ["GPU_RESOURCES" as const] : []),
  ];
}
