import type {
  Call,
  CallGetContainers,
  CallLaunchContainer,
  Response,
  ResponseGetAgent,
  ResponseGetContainers,
  ResponseGetExecutors,
  ResponseGetFrameworks,
  ResponseGetResourceProviders,
  ResponseGetState,
  ResponseGetTasks,
  ResponseReadFile,
  ResponseWaitContainer,
} from "@meseta/api/mesos/generated/agent.ts";
import type {
  ContainerID,
  DurationInfo,
  FileInfo,
  Flag,
  Image,
  Metric,
  Operation,
  ResourceProviderID,
  ResourceProviderInfo,
  VersionInfo,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Transport } from "@meseta/lib/core/ports/transport.ts";
import { type Format, json } from "../core/format.ts";
import { type Asker, ask } from "./ask.ts";

/** One agent's Operator API: a method for each call but the input and output streams of containers. Errors as in MasterClient. */
export class AgentClient {
  readonly #asker: Asker<"mesos.v1.agent.Call", "mesos.v1.agent.Response">;

  constructor(transport: Transport, where: string, format: Format = json) {
    const [call, response] = ["mesos.v1.agent.Call", "mesos.v1.agent.Response"] as const;
    this.#asker = { transport, format, call, response, who: "agent", where };
  }

  close(): void {
    this.#asker.transport.close();
  }

  async getHealth(): Promise<boolean> {
    return (await this.call({ type: "GET_HEALTH" })).get_health?.healthy ?? false;
  }

  async getFlags(): Promise<Flag[]> {
    return (await this.call({ type: "GET_FLAGS" })).get_flags?.flags ?? [];
  }

  async getVersion(): Promise<VersionInfo> {
    return (await this.call({ type: "GET_VERSION" })).get_version!.version_info;
  }

  async getMetrics(timeout?: DurationInfo): Promise<Metric[]> {
    const call: Call = { type: "GET_METRICS", get_metrics: { timeout } };
    return (await this.call(call)).get_metrics?.metrics ?? [];
  }

  async getLoggingLevel(): Promise<number> {
    return (await this.call({ type: "GET_LOGGING_LEVEL" })).get_logging_level!.level;
  }

  /** 0 (usual) to 3, for so long. */
  async setLoggingLevel(level: number, duration: DurationInfo): Promise<void> {
    await this.call({ type: "SET_LOGGING_LEVEL", set_logging_level: { level, duration } });
  }

  async listFiles(path: string): Promise<FileInfo[]> {
    return (await this.call({ type: "LIST_FILES", list_files: { path } })).list_files?.file_infos ?? [];
  }

  /** Bytes from an offset, in base64, with the whole file's size. */
  async readFile(path: string, offset: number, length?: number): Promise<ResponseReadFile> {
    return (await this.call({ type: "READ_FILE", read_file: { path, offset, length } })).read_file!;
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

  async getOperations(): Promise<Operation[]> {
    return (await this.call({ type: "GET_OPERATIONS" })).get_operations?.operations ?? [];
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

  /** Any call, with its whole answer. */
  call(call: Call): Promise<Response> {
    return ask(this.#asker, call);
  }
}
