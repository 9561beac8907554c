// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.scheduler.
import type * as mesos from "./mesos.ts";
import type * as probe from "./probe.ts";

export interface Event {
  type?: EventType | undefined;
  subscribed?: EventSubscribed | undefined;
  offers?: EventOffers | undefined;
  inverse_offers?: EventInverseOffers | undefined;
  rescind?: EventRescind | undefined;
  rescind_inverse_offer?: EventRescindInverseOffer | undefined;
  update?: EventUpdate | undefined;
  update_operation_status?: EventUpdateOperationStatus | undefined;
  message?: EventMessage | undefined;
  failure?: EventFailure | undefined;
  error?: EventError | undefined;
  probed?: EventProbed | undefined;
}

export interface EventSubscribed {
  framework_id: mesos.FrameworkID;
  heartbeat_interval_seconds?: number | undefined;
  master_info?: mesos.MasterInfo | undefined;
}

export interface EventOffers {
  offers?: mesos.Offer[] | undefined;
}

export interface EventInverseOffers {
  inverse_offers?: mesos.InverseOffer[] | undefined;
}

export interface EventRescind {
  offer_id: mesos.OfferID;
}

export interface EventRescindInverseOffer {
  inverse_offer_id: mesos.OfferID;
}

export interface EventUpdate {
  status: mesos.TaskStatus;
}

export interface EventUpdateOperationStatus {
  status: mesos.OperationStatus;
}

export interface EventMessage {
  agent_id: mesos.AgentID;
  executor_id: mesos.ExecutorID;
  /** Base64. */
  data: string;
}

export interface EventFailure {
  agent_id?: mesos.AgentID | undefined;
  executor_id?: mesos.ExecutorID | undefined;
  status?: number | undefined;
}

export interface EventError {
  message: string;
}

export interface EventProbed {
  results?: probe.Result[] | undefined;
}

export type EventType =
  | "UNKNOWN"
  | "SUBSCRIBED"
  | "OFFERS"
  | "INVERSE_OFFERS"
  | "RESCIND"
  | "RESCIND_INVERSE_OFFER"
  | "UPDATE"
  | "UPDATE_OPERATION_STATUS"
  | "MESSAGE"
  | "FAILURE"
  | "ERROR"
  | "HEARTBEAT"
  | "PROBED";

export interface Response {
  type?: ResponseType | undefined;
  /** @deprecated */
  reconcile_operations?: ResponseReconcileOperations | undefined;
}

export interface ResponseReconcileOperations {
  /** @deprecated */
  operation_statuses?: mesos.OperationStatus[] | undefined;
}

export type ResponseType =
  | "UNKNOWN"
  | "RECONCILE_OPERATIONS";

export interface AttributeConstraint {
  selector: AttributeConstraintSelector;
  predicate: AttributeConstraintPredicate;
}

export interface AttributeConstraintSelector {
  /** One of: selector. */
  pseudoattribute_type?: AttributeConstraintSelectorPseudoattributeType | undefined;
  /** One of: selector. */
  attribute_name?: string | undefined;
}

export type AttributeConstraintSelectorPseudoattributeType =
  | "UNKNOWN"
  | "HOSTNAME"
  | "REGION"
  | "ZONE";

export interface AttributeConstraintPredicate {
  /** One of: predicate. */
  exists?: AttributeConstraintPredicateExists | undefined;
  /** One of: predicate. */
  not_exists?: AttributeConstraintPredicateNotExists | undefined;
  /** One of: predicate. */
  text_equals?: AttributeConstraintPredicateTextEquals | undefined;
  /** One of: predicate. */
  text_not_equals?: AttributeConstraintPredicateTextNotEquals | undefined;
  /** One of: predicate. */
  text_matches?: AttributeConstraintPredicateTextMatches | undefined;
  /** One of: predicate. */
  text_not_matches?: AttributeConstraintPredicateTextNotMatches | undefined;
}

export type AttributeConstraintPredicateExists = Record<string, never>;

export type AttributeConstraintPredicateNotExists = Record<string, never>;

export interface AttributeConstraintPredicateTextEquals {
  value: string;
}

export interface AttributeConstraintPredicateTextNotEquals {
  value: string;
}

export interface AttributeConstraintPredicateTextMatches {
  regex: string;
}

export interface AttributeConstraintPredicateTextNotMatches {
  regex: string;
}

export interface OfferConstraints {
  role_constraints?: Record<string, OfferConstraintsRoleConstraints> | undefined;
}

export interface OfferConstraintsRoleConstraints {
  groups?: OfferConstraintsRoleConstraintsGroup[] | undefined;
}

export interface OfferConstraintsRoleConstraintsGroup {
  attribute_constraints?: AttributeConstraint[] | undefined;
}

export interface Call {
  framework_id?: mesos.FrameworkID | undefined;
  type?: CallType | undefined;
  subscribe?: CallSubscribe | undefined;
  accept?: CallAccept | undefined;
  decline?: CallDecline | undefined;
  accept_inverse_offers?: CallAcceptInverseOffers | undefined;
  decline_inverse_offers?: CallDeclineInverseOffers | undefined;
  revive?: CallRevive | undefined;
  kill?: CallKill | undefined;
  shutdown?: CallShutdown | undefined;
  acknowledge?: CallAcknowledge | undefined;
  acknowledge_operation_status?: CallAcknowledgeOperationStatus | undefined;
  reconcile?: CallReconcile | undefined;
  reconcile_operations?: CallReconcileOperations | undefined;
  message?: CallMessage | undefined;
  request?: CallRequest | undefined;
  suppress?: CallSuppress | undefined;
  update_framework?: CallUpdateFramework | undefined;
}

export interface CallSubscribe {
  framework_info: mesos.FrameworkInfo;
  suppressed_roles?: string[] | undefined;
  offer_constraints?: OfferConstraints | undefined;
}

export interface CallAccept {
  offer_ids?: mesos.OfferID[] | undefined;
  operations?: mesos.OfferOperation[] | undefined;
  filters?: mesos.Filters | undefined;
}

export interface CallDecline {
  offer_ids?: mesos.OfferID[] | undefined;
  filters?: mesos.Filters | undefined;
}

export interface CallAcceptInverseOffers {
  inverse_offer_ids?: mesos.OfferID[] | undefined;
  filters?: mesos.Filters | undefined;
}

export interface CallDeclineInverseOffers {
  inverse_offer_ids?: mesos.OfferID[] | undefined;
  filters?: mesos.Filters | undefined;
}

export interface CallRevive {
  roles?: string[] | undefined;
}

export interface CallKill {
  task_id: mesos.TaskID;
  agent_id?: mesos.AgentID | undefined;
  kill_policy?: mesos.KillPolicy | undefined;
}

export interface CallShutdown {
  executor_id: mesos.ExecutorID;
  agent_id: mesos.AgentID;
}

export interface CallAcknowledge {
  agent_id: mesos.AgentID;
  task_id: mesos.TaskID;
  /** Base64. */
  uuid: string;
}

export interface CallAcknowledgeOperationStatus {
  agent_id?: mesos.AgentID | undefined;
  resource_provider_id?: mesos.ResourceProviderID | undefined;
  /** Base64. */
  uuid: string;
  operation_id: mesos.OperationID;
}

export interface CallReconcile {
  tasks?: CallReconcileTask[] | undefined;
}

export interface CallReconcileTask {
  task_id: mesos.TaskID;
  agent_id?: mesos.AgentID | undefined;
}

export interface CallReconcileOperations {
  operations?: CallReconcileOperationsOperation[] | undefined;
}

export interface CallReconcileOperationsOperation {
  operation_id: mesos.OperationID;
  agent_id?: mesos.AgentID | undefined;
  resource_provider_id?: mesos.ResourceProviderID | undefined;
}

export interface CallMessage {
  agent_id: mesos.AgentID;
  executor_id: mesos.ExecutorID;
  /** Base64. */
  data: string;
}

export interface CallRequest {
  requests?: mesos.Request[] | undefined;
}

export interface CallSuppress {
  roles?: string[] | undefined;
}

export interface CallUpdateFramework {
  framework_info: mesos.FrameworkInfo;
  suppressed_roles?: string[] | undefined;
  offer_constraints?: OfferConstraints | undefined;
}

export type CallType =
  | "UNKNOWN"
  | "SUBSCRIBE"
  | "TEARDOWN"
  | "ACCEPT"
  | "DECLINE"
  | "ACCEPT_INVERSE_OFFERS"
  | "DECLINE_INVERSE_OFFERS"
  | "REVIVE"
  | "KILL"
  | "SHUTDOWN"
  | "ACKNOWLEDGE"
  | "ACKNOWLEDGE_OPERATION_STATUS"
  | "RECONCILE"
  | "RECONCILE_OPERATIONS"
  | "MESSAGE"
  | "REQUEST"
  | "SUPPRESS"
  | "UPDATE_FRAMEWORK";

export interface APIResult {
  status_code: number;
  response?: Response | undefined;
  error?: string | undefined;
}
