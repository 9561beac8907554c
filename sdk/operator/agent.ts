import type {
  Call,
  CallGetContainers,
  CallLaunchContainer,
  CallLaunchNestedContainerSession,
  ResponseGetAgent,
  ResponseGetContainers,
  ResponseGetExecutors,
  ResponseGetFrameworks,
  ResponseGetResourceProviders,
  ResponseGetState,
  ResponseGetTasks,
  ResponseWaitContainer,
} from "@meseta/api/mesos/generated/agent.ts";
import type {
  ContainerID,
  Image,
  ResourceProviderID,
  ResourceProviderInfo,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Streams, Transport } from "@meseta/lib/core/ports/transport.ts";
import { type Format, json } from "../core/format.ts";
import { ContainerInput } from "./container-input.ts";
import { type ContainerOutput, openOutput } from "./container-output.ts";
import { DaemonClient } from "./daemon.ts";

/**
 * One agent's Operator API: a method for each call. The calls for nested containers have no methods of their own: those without
 * "nested" in their names do the same.
 */
export class AgentClient extends DaemonClient<"mesos.v1.agent.Call", "mesos.v1.agent.Response"> {
  readonly #streams: Streams | undefined;

  /** Without `streams` the calls that are streams are not there. */
  constructor(transport: Transport, where: string, format: Format = json, streams?: Streams) {
    const [call, response] = ["mesos.v1.agent.Call", "mesos.v1.agent.Response"] as const;
    super({ transport, format, call, response, who: "agent", where });
    this.#streams = streams;
  }

  async getState(): Promise<ResponseGetState> {
    return (await this.call({ type: "GET_STATE" })).get_state ?? {};
  }

  async getFrameworks(): Promise<ResponseGetFrameworks> {
    return (await this.call({ type: "GET_FRAMEWORKS" })).get_frameworks ?? {};
  }

  async getExecutors(): Promise<ResponseGetExecutors> {
    return (await this.call({ type: "GET_EXECUTORS" })).get_executors ?? {};
  }

  async getTasks(): Promise<ResponseGetTasks> {
    return (await this.call({ type: "GET_TASKS" })).get_tasks ?? {};
  }

  async getAgent(): Promise<ResponseGetAgent> {
    return (await this.call({ type: "GET_AGENT" })).get_agent ?? {};
  }

  async getResourceProviders(): Promise<ResponseGetResourceProviders> {
    return (await this.call({ type: "GET_RESOURCE_PROVIDERS" })).get_resource_providers ?? {};
  }

  async getContainers(which: CallGetContainers = {}): Promise<NonNullable<ResponseGetContainers["containers"]>> {
    const call: Call = { type: "GET_CONTAINERS", get_containers: which };
    return (await this.call(call)).get_containers?.containers ?? [];
  }

  /** With a parent it is nested, without one it stands alone. */
  async launchContainer(launch_container: CallLaunchContainer): Promise<void> {
    await this.call({ type: "LAUNCH_CONTAINER", launch_container });
  }

  /** Resolves when the container has ended. */
  async waitContainer(container_id: ContainerID): Promise<ResponseWaitContainer> {
    return (await this.call({ type: "WAIT_CONTAINER", wait_container: { container_id } })).wait_container ?? {};
  }

  /** By signal number; 9 when none is given. */
  async killContainer(container_id: ContainerID, signal?: number): Promise<void> {
    await this.call({ type: "KILL_CONTAINER", kill_container: { container_id, signal } });
  }

  async removeContainer(container_id: ContainerID): Promise<void> {
    await this.call({ type: "REMOVE_CONTAINER", remove_container: { container_id } });
  }

  /**
   * Starts a container within another one, and gives what it writes. It ends when the output is closed, or this process dies;
   * how it ended `waitContainer` tells.
   */
  launchNestedContainerSession(
    launch_nested_container_session: CallLaunchNestedContainerSession,
  ): Promise<ContainerOutput> {
    const call: Call = { type: "LAUNCH_NESTED_CONTAINER_SESSION", launch_nested_container_session };
    return openOutput(this.#opener(), this.asker, call);
  }

  /** What a running container writes: from now on, or from the start as far as it is kept (which a Mesos agent does not know). */
  attachContainerOutput(container_id: ContainerID, from: "now" | "start" = "now"): Promise<ContainerOutput> {
    const call: Call = { type: "ATTACH_CONTAINER_OUTPUT", attach_container_output: { container_id } };
    return openOutput(this.#opener(), this.asker, call, from === "start" ? "?from=start" : "");
  }

  /** Writes to a running container that has a terminal, or was started with an open input. One writer at a time. */
  attachContainerInput(container_id: ContainerID): ContainerInput {
    return new ContainerInput(this.#opener(), this.asker, container_id);
  }

  async addResourceProviderConfig(info: ResourceProviderInfo): Promise<void> {
    await this.call({ type: "ADD_RESOURCE_PROVIDER_CONFIG", add_resource_provider_config: { info } });
  }

  async updateResourceProviderConfig(info: ResourceProviderInfo): Promise<void> {
    await this.call({ type: "UPDATE_RESOURCE_PROVIDER_CONFIG", update_resource_provider_config: { info } });
  }

  async removeResourceProviderConfig(type: string, name: string): Promise<void> {
    await this.call({ type: "REMOVE_RESOURCE_PROVIDER_CONFIG", remove_resource_provider_config: { type, name } });
  }

  async markResourceProviderGone(resource_provider_id: ResourceProviderID): Promise<void> {
    await this.call({ type: "MARK_RESOURCE_PROVIDER_GONE", mark_resource_provider_gone: { resource_provider_id } });
  }

  async pruneImages(excluded_images: Image[] = []): Promise<void> {
    await this.call({ type: "PRUNE_IMAGES", prune_images: { excluded_images } });
  }

  #opener(): Streams {
    if (this.#streams === undefined) throw new Error("this client was made without streams");
    return this.#streams;
  }
}
