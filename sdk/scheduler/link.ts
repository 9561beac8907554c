import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { CallRefused } from "../core/errors.ts";
import type { SchedulerClient, SchedulerOptions } from "./client.ts";

export interface LinkPorts {
  /** A client of the masters; it connects with `start`. */
  connect(options: SchedulerOptions): SchedulerClient;
  heard(event: Event): void;
  disconnected(): void;
  /** A call came to nothing: refused with these words, and not done; or nobody knows. */
  failed?(call: Omit<Call, "framework_id">, refusal: string | undefined): void;
  /** The master wants no more of this framework. */
  ended(why: string): void;
  readonly log: Log;
}

/** A daemon's connection to the master. It begins when it is known as whom; what is sent while there is none is lost, as whoever counts on it knows. */
export class MasterLink {
  readonly #ports: LinkPorts;
  #client: SchedulerClient | undefined;
  #framework: FrameworkInfo | undefined;
  #suppressed: readonly string[] = [];
  /** The framework has changed while there was no stream: the subscription that comes may still say the old. */
  #isBehind = false;
  readonly #registered = Promise.withResolvers<void>();

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  /** Resolves when a master has taken the framework in for the first time in the life of this process; may never do. */
  get registered(): Promise<void> {
    return this.#registered.promise;
  }

  /** Subscribes as this framework, a new one where it has no id, or changes what the master knows of it. `suppressed`: the roles under which no offers are wanted now. */
  want(framework: FrameworkInfo, suppressed: readonly string[]): void {
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
      if (this.#client === client) this.#ports.failed?.(call, refusalIn(error));
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

  // Nobody knows whether the master has heard what changed, and a subscription says it all.
  #connectAnew(): void {
    this.close();
    this.#ports.disconnected();
    this.#connect(this.#framework!, this.#suppressed);
  }

  #heard(event: Event, client: SchedulerClient): void {
    if (event.type === "SUBSCRIBED" && this.#isBehind) this.#update(client);
    this.#ports.heard(event);
    if (event.type === "SUBSCRIBED") this.#registered.resolve();
  }

  #update(client: SchedulerClient): void {
    this.#isBehind = false;
    client.updateFramework(this.#framework!, this.#suppressed).catch((error) => {
      this.#failed("UPDATE_FRAMEWORK", error);
      if (refusalIn(error) === undefined && this.#client === client && client.subscribed) this.#connectAnew();
    });
  }

  // What got no answer is as good as lost; a refusal means that something is wrong.
  #failed(call: string | undefined, error: Error): void {
    if (error instanceof CallRefused) this.#ports.log.error("The master refuses a call", { call, error });
    else this.#ports.log.debug("A call to the master was lost", { call, error });
  }
}

/** What the master said to a call that it has not done. A server that is in trouble (5xx), or something before it, may have done it all the same. */
function refusalIn(error: Error): string | undefined {
  if (!(error instanceof CallRefused) || error.status < 400 || error.status >= 500) return undefined;
  return `${error.status} ${error.text}`.trim();
}
