// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.resource_provider.
import type * as mesos from "./mesos.ts";

export interface Event {
  type?: EventType | undefined;
  subscribed?: EventSubscribed | undefined;
  apply_operation?: EventApplyOperation | undefined;
  publish_resources?: EventPublishResources | undefined;
  acknowledge_operation_status?: EventAcknowledgeOperationStatus | undefined;
  reconcile_operations?: EventReconcileOperations | undefined;
}

export interface EventSubscribed {
  provider_id: mesos.ResourceProviderID;
}

export interface EventApplyOperation {
  framework_id?: mesos.FrameworkID | undefined;
  info: mesos.OfferOperation;
  operation_uuid: mesos.UUID;
  resource_version_uuid: mesos.UUID;
}

export interface EventPublishResources {
  uuid: mesos.UUID;
  resources?: mesos.Resource[] | undefined;
}

export interface EventAcknowledgeOperationStatus {
  status_uuid: mesos.UUID;
  operation_uuid: mesos.UUID;
}

export interface EventReconcileOperations {
  operation_uuids?: mesos.UUID[] | undefined;
}

export type EventType =
  | "UNKNOWN"
  | "SUBSCRIBED"
  | "APPLY_OPERATION"
  | "PUBLISH_RESOURCES"
  | "ACKNOWLEDGE_OPERATION_STATUS"
  | "RECONCILE_OPERATIONS"
  | "TEARDOWN";

export interface Call {
  resource_provider_id?: mesos.ResourceProviderID | undefined;
  type?: CallType | undefined;
  subscribe?: CallSubscribe | undefined;
  update_operation_status?: CallUpdateOperationStatus | undefined;
  update_state?: CallUpdateState | undefined;
  update_publish_resources_status?: CallUpdatePublishResourcesStatus | undefined;
}

export interface CallSubscribe {
  resource_provider_info: mesos.ResourceProviderInfo;
}

export interface CallUpdateOperationStatus {
  framework_id?: mesos.FrameworkID | undefined;
  status: mesos.OperationStatus;
  latest_status?: mesos.OperationStatus | undefined;
  operation_uuid: mesos.UUID;
}

export interface CallUpdateState {
  operations?: mesos.Operation[] | undefined;
  resources?: mesos.Resource[] | undefined;
  resource_version_uuid: mesos.UUID;
}

export interface CallUpdatePublishResourcesStatus {
  uuid: mesos.UUID;
  status: CallUpdatePublishResourcesStatusStatus;
}

export type CallUpdatePublishResourcesStatusStatus =
  | "UNKNOWN"
  | "OK"
  | "FAILED";

export type CallType =
  | "UNKNOWN"
  | "SUBSCRIBE"
  | "UPDATE_OPERATION_STATUS"
  | "UPDATE_STATE"
  | "UPDATE_PUBLISH_RESOURCES_STATUS";
