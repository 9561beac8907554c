import type { ResponseGetFrameworksFramework } from "@meseta/api/mesos/generated/master.ts";
import type { FrameworkInfo, InverseOffer, Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { inBothForms } from "@meseta/api/mesos/resources/formats.ts";
import type { CompletedFramework, Framework, MasterState } from "../state.ts";
import { viewOldExecutor } from "./executors.ts";
import { both, offeredIn, usedBy } from "./held.ts";
import { seconds, timeInfo } from "./instants.ts";
import { Look, list, type Part, type Shape } from "./shape.ts";
import { oldTask, taskList, viewLabels } from "./tasks.ts";
import { Total } from "./total.ts";

/** A framework as GET_FRAMEWORKS, GET_STATE and FRAMEWORK_ADDED show it. */
const v1Framework: Shape<Framework> = {
  name: "framework",
  type: "mesos.v1.master.Response.GetFrameworks.Framework",
  version: ({ version }) => version,
  view: v1View,
};

const v1CompletedFramework: Shape<CompletedFramework> = {
  name: "completed framework",
  type: "mesos.v1.master.Response.GetFrameworks.Framework",
  version: "frozen",
  view: (framework) => viewCompletedFramework(framework),
};

/** GET_FRAMEWORKS. */
export function frameworksParts(state: MasterState): Part[] {
  return [
    { name: "frameworks", lists: list(state.frameworks, () => state.frameworks.values()), shape: v1Framework },
    {
      name: "completed_frameworks",
      lists: list(state.completedFrameworks, () => state.completedFrameworks.values()),
      shape: v1CompletedFramework,
    },
  ];
}

/** /frameworks and the frameworks of /state, all or the one with this id. */
export function oldFrameworksParts(look: Look, id?: string): Part[] {
  const wanted = <T extends { id: string }>(frameworks: Iterable<T>) =>
    [...frameworks].filter((framework) => id === undefined || framework.id === id);
  return [
    { name: "frameworks", items: wanted(look.state.frameworks.values()).map((framework) => oldParts(framework, look)) },
    { name: "completed_frameworks", items: wanted(look.state.completedFrameworks.values()).map(oldCompletedParts) },
  ];
}

/** A framework as FRAMEWORK_ADDED and FRAMEWORK_UPDATED show it: without its constraints, and with a time that has not come. */
export function frameworkView(state: MasterState, framework: Framework): ResponseGetFrameworksFramework {
  const { offer_constraints: _, ...view } = v1View(framework, new Look(state));
  return { ...view, unregistered_time: { nanoseconds: 0 } };
}

function v1View(framework: Framework, look: Look): ResponseGetFrameworksFramework {
  const { state } = look;
  return {
    framework_info: framework.info,
    active: framework.active,
    connected: framework.connection === "connected",
    recovered: framework.connection === "recovered",
    registered_time: timeInfo(framework.registeredMs),
    reregistered_time: timeInfo(framework.reregisteredMs ?? framework.registeredMs),
    offers: offersOf(state, framework),
    inverse_offers: inverseOffersOf(state, framework),
    allocated_resources: usedBy(framework, look).list().map(inBothForms),
    offered_resources: offeredIn(state, framework.offers).list().map(inBothForms),
    offer_constraints: framework.offerConstraints ?? {},
  };
}

function viewCompletedFramework(framework: CompletedFramework): ResponseGetFrameworksFramework {
  return {
    framework_info: framework.info,
    active: false,
    connected: false,
    recovered: false,
    registered_time: timeInfo(framework.registeredMs),
    reregistered_time: timeInfo(framework.reregisteredMs ?? framework.registeredMs),
    unregistered_time: timeInfo(framework.unregisteredMs),
    offer_constraints: {},
  };
}

function offersOf(state: MasterState, framework: Framework): Offer[] {
  return [...framework.offers].flatMap((id) => state.offers.get(id)?.offer ?? []);
}

function inverseOffersOf(state: MasterState, framework: Framework): InverseOffer[] {
  return [...framework.inverseOffers].flatMap((id) => state.inverseOffers.get(id)?.offer ?? []);
}

const oldHead: Shape<Framework> = {
  name: "old framework",
  version: ({ version }) => version,
  view: (framework, look) => viewOldFramework(framework, look),
};

const oldCompletedHead: Shape<CompletedFramework> = {
  name: "old completed framework",
  version: "frozen",
  view: (framework) => viewOldCompleted(framework),
};

function oldParts(framework: Framework, look: Look): Part[] {
  return [
    { fields: framework, shape: oldHead },
    { name: "tasks", lists: [taskList(framework.tasks)], shape: oldTask },
    {
      name: "unreachable_tasks",
      lists: [taskList(framework.unreachableTasks)],
      shape: oldTask,
    },
    { name: "completed_tasks", lists: [taskList(framework.completedTasks)], shape: oldTask },
    { name: "offers", value: offersOf(look.state, framework).map(viewOldOffer) },
    { name: "executors", value: look.executorsOf(framework.id).map(viewOldExecutor) },
    { name: "labels", value: viewLabels(framework.info.labels) },
    { name: "offer_constraints", value: framework.offerConstraints ?? {} },
  ];
}

function oldCompletedParts(framework: CompletedFramework): Part[] {
  return [
    { fields: framework, shape: oldCompletedHead },
    { name: "tasks", value: [] },
    { name: "unreachable_tasks", value: [] },
    { name: "completed_tasks", lists: [taskList(framework.completedTasks)], shape: oldTask },
    { name: "offers", value: [] },
    { name: "executors", value: [] },
    { name: "labels", value: viewLabels(framework.info.labels) },
    { name: "offer_constraints", value: {} },
  ];
}

function viewOldFramework(framework: Framework, look: Look): object {
  const used = usedBy(framework, look);
  const offered = offeredIn(look.state, framework.offers);
  const { info, registeredMs, reregisteredMs } = framework;
  return {
    ...viewSummary(framework, look, used),
    ...viewSettings(info),
    registered_time: seconds(registeredMs),
    unregistered_time: 0,
    principal: info.principal,
    resources: flattenResources(both(used, offered)),
    reregistered_time:
      reregisteredMs === undefined || reregisteredMs === registeredMs ? undefined : seconds(reregisteredMs),
    ...viewRoles(info),
  };
}

/** The part of a framework that /state-summary shows as well. */
export function viewSummary(framework: Framework, look: Look, used = usedBy(framework, look)): object {
  return {
    id: framework.id,
    name: framework.info.name,
    used_resources: used.flat(),
    offered_resources: offeredIn(look.state, framework.offers).flat(),
    ...viewPlace(framework.info),
    active: framework.active,
    connected: framework.connection === "connected",
    recovered: framework.connection === "recovered",
  };
}

function viewOldCompleted({ id, info, registeredMs, reregisteredMs, unregisteredMs }: CompletedFramework): object {
  const nothing = new Total().flat();
  return {
    id,
    name: info.name,
    used_resources: nothing,
    offered_resources: nothing,
    ...viewPlace(info),
    active: false,
    connected: false,
    recovered: false,
    ...viewSettings(info),
    registered_time: seconds(registeredMs),
    unregistered_time: seconds(unregisteredMs),
    reregistered_time: reregisteredMs === undefined ? undefined : seconds(reregisteredMs),
    principal: info.principal,
    resources: nothing,
    ...viewRoles(info),
  };
}

function viewPlace({ capabilities, hostname, webui_url }: FrameworkInfo): object {
  return {
    capabilities: (capabilities ?? []).map(({ type }) => type),
    hostname: hostname ?? "",
    webui_url: webui_url ?? "",
  };
}

function viewSettings({ user, failover_timeout, checkpoint }: FrameworkInfo): object {
  return { user, failover_timeout: failover_timeout ?? 0, checkpoint: checkpoint ?? false };
}

function viewRoles({ capabilities, roles, role }: FrameworkInfo): object {
  const isMultiRole = (capabilities ?? []).some(({ type }) => type === "MULTI_ROLE");
  return isMultiRole ? { roles: roles ?? [] } : { role: role ?? "*" };
}

function viewOldOffer({ id, framework_id, allocation_info, agent_id, resources }: Offer): object {
  return {
    id: id.value,
    framework_id: framework_id.value,
    allocation_info: allocation_info ?? {},
    slave_id: agent_id.value,
    resources: flattenResources(resources ?? []),
  };
}
