import type { ClusterStatus, Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type {
  CallDrainAgent,
  Event,
  ResponseGetAgents,
  ResponseGetExecutors,
  ResponseGetFrameworks,
  ResponseGetMaster,
  ResponseGetState,
  ResponseGetTasks,
} from "@meseta/api/mesos/generated/master.ts";
import type {
  AgentID,
  FrameworkID,
  MachineID,
  Offer,
  Resource,
  Role,
  WeightInfo,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig, QuotaRequest, QuotaStatus } from "@meseta/api/mesos/generated/quota.ts";
import type { Loss, Pages, Transport } from "@meseta/lib/core/ports/transport.ts";
import { EventQueue } from "../core/event-queue.ts";
import { type Format, json } from "../core/format.ts";
import { pageOf } from "./ask.ts";
import { DaemonClient } from "./daemon.ts";

/** The master's Operator API: a method for each call. */
export class MasterClient extends DaemonClient<"mesos.v1.master.Call", "mesos.v1.master.Response"> {
  readonly #pages: Pages | undefined;

  /** Without `pages` there is nothing but calls. */
  constructor(transport: Transport, where: string, format: Format = json, pages?: Pages) {
    const [call, response] = ["mesos.v1.master.Call", "mesos.v1.master.Response"] as const;
    super({ transport, format, call, response, who: "master", where });
    this.#pages = pages;
  }

  /** What the leader shows as JSON that is no call: `/explain?framework_id=`, `/state`. Rejects as calls do. */
  async getPage<T>(path: string): Promise<T> {
    if (this.#pages === undefined) throw new Error("this client was made without pages");
    return pageOf<T>(this.#pages, path, this.asker);
  }

  async getState(): Promise<ResponseGetState> {
    return (await this.call({ type: "GET_STATE" })).get_state ?? {};
  }

  async getAgents(): Promise<ResponseGetAgents> {
    return (await this.call({ type: "GET_AGENTS" })).get_agents ?? {};
  }

  async getFrameworks(): Promise<ResponseGetFrameworks> {
    return (await this.call({ type: "GET_FRAMEWORKS" })).get_frameworks ?? {};
  }

  async getExecutors(): Promise<NonNullable<ResponseGetExecutors["executors"]>> {
    return (await this.call({ type: "GET_EXECUTORS" })).get_executors?.executors ?? [];
  }

  async getTasks(): Promise<ResponseGetTasks> {
    return (await this.call({ type: "GET_TASKS" })).get_tasks ?? {};
  }

  async getRoles(): Promise<Role[]> {
    return (await this.call({ type: "GET_ROLES" })).get_roles?.roles ?? [];
  }

  /** The offers that the framework would get in these roles if it wanted some now, and nothing else changed. */
  async previewOffers(framework_id: FrameworkID, roles: string[]): Promise<Offer[]> {
    const { preview_offers } = await this.call({ type: "PREVIEW_OFFERS", preview_offers: { framework_id, roles } });
    return preview_offers?.offers ?? [];
  }

  async getWeights(): Promise<WeightInfo[]> {
    return (await this.call({ type: "GET_WEIGHTS" })).get_weights?.weight_infos ?? [];
  }

  async updateWeights(weight_infos: WeightInfo[]): Promise<void> {
    await this.call({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos } });
  }

  /** Who leads, and since when, in seconds since 1970. */
  async getMaster(): Promise<ResponseGetMaster> {
    return (await this.call({ type: "GET_MASTER" })).get_master ?? {};
  }

  /** `source` is what the resources are reserved as now, where they are reserved for someone else already. */
  async reserveResources(agent_id: AgentID, resources: Resource[], source?: Resource[]): Promise<void> {
    await this.call({ type: "RESERVE_RESOURCES", reserve_resources: { agent_id, resources, source } });
  }

  async unreserveResources(agent_id: AgentID, resources: Resource[]): Promise<void> {
    await this.call({ type: "UNRESERVE_RESOURCES", unreserve_resources: { agent_id, resources } });
  }

  async createVolumes(agent_id: AgentID, volumes: Resource[]): Promise<void> {
    await this.call({ type: "CREATE_VOLUMES", create_volumes: { agent_id, volumes } });
  }

  async destroyVolumes(agent_id: AgentID, volumes: Resource[]): Promise<void> {
    await this.call({ type: "DESTROY_VOLUMES", destroy_volumes: { agent_id, volumes } });
  }

  async growVolume(agent_id: AgentID, volume: Resource, addition: Resource): Promise<void> {
    await this.call({ type: "GROW_VOLUME", grow_volume: { agent_id, volume, addition } });
  }

  /** By so many MiB. */
  async shrinkVolume(agent_id: AgentID, volume: Resource, mib: number): Promise<void> {
    await this.call({ type: "SHRINK_VOLUME", shrink_volume: { agent_id, volume, subtract: { value: mib } } });
  }

  async getMaintenanceStatus(): Promise<ClusterStatus> {
    return (await this.call({ type: "GET_MAINTENANCE_STATUS" })).get_maintenance_status?.status ?? {};
  }

  async getMaintenanceSchedule(): Promise<Schedule> {
    return (await this.call({ type: "GET_MAINTENANCE_SCHEDULE" })).get_maintenance_schedule?.schedule ?? {};
  }

  /** Replaces the whole schedule. */
  async updateMaintenanceSchedule(schedule: Schedule): Promise<void> {
    await this.call({ type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule } });
  }

  async startMaintenance(machines: MachineID[]): Promise<void> {
    await this.call({ type: "START_MAINTENANCE", start_maintenance: { machines } });
  }

  async stopMaintenance(machines: MachineID[]): Promise<void> {
    await this.call({ type: "STOP_MAINTENANCE", stop_maintenance: { machines } });
  }

  async drainAgent(drain_agent: CallDrainAgent): Promise<void> {
    await this.call({ type: "DRAIN_AGENT", drain_agent });
  }

  async deactivateAgent(agent_id: AgentID): Promise<void> {
    await this.call({ type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id } });
  }

  async reactivateAgent(agent_id: AgentID): Promise<void> {
    await this.call({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id } });
  }

  async markAgentGone(agent_id: AgentID): Promise<void> {
    await this.call({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id } });
  }

  async getQuota(): Promise<QuotaStatus> {
    return (await this.call({ type: "GET_QUOTA" })).get_quota?.status ?? {};
  }

  /** All or nothing; a config without guarantees and limits removes the role's quota. */
  async updateQuota(quota_configs: QuotaConfig[], force?: boolean): Promise<void> {
    await this.call({ type: "UPDATE_QUOTA", update_quota: { quota_configs, force } });
  }

  /** The older form, in which the guarantee is the limit; refuses a role that has quota. */
  async setQuota(quota_request: QuotaRequest): Promise<void> {
    await this.call({ type: "SET_QUOTA", set_quota: { quota_request } });
  }

  async removeQuota(role: string): Promise<void> {
    await this.call({ type: "REMOVE_QUOTA", remove_quota: { role } });
  }

  async teardown(framework_id: FrameworkID): Promise<void> {
    await this.call({ type: "TEARDOWN", teardown: { framework_id } });
  }

  /**
   * The event stream: SUBSCRIBED with the whole state, then what changes, heartbeats left out. After a loss it is opened
   * again by itself, and SUBSCRIBED comes once more. One at a time per client.
   */
  async *events(onLost: (loss: Loss) => void = () => {}): AsyncGenerator<Event, void, void> {
    const { transport, format } = this.asker;
    const queue = new EventQueue<Event>();
    const subscription = transport.subscribe({
      body: () => format.encode("mesos.v1.master.Call", { type: "SUBSCRIBE" }),
      opened: () => {},
      event: (record) => queue.push(format.decode("mesos.v1.master.Event", record)),
      lost: onLost,
    });
    try {
      for await (const event of queue) {
        const interval = event.subscribed?.heartbeat_interval_seconds;
        if (interval) subscription.expectEvery(interval * 1000);
        if (event.type !== "HEARTBEAT") yield event;
      }
    } finally {
      subscription.close();
    }
  }
}
