// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package meseta.probe.
import type * as mesos from "./mesos.ts";

export interface Probe {
  id: string;
  type?: ProbeType | undefined;
  http?: ProbeHttp | undefined;
  tcp?: ProbeTcp | undefined;
  command?: mesos.CommandInfo | undefined;
  delay_seconds?: number | undefined;
  interval_seconds?: number | undefined;
  timeout_seconds?: number | undefined;
  grace_period_seconds?: number | undefined;
  until_success?: boolean | undefined;
}

export type ProbeType =
  | "UNKNOWN"
  | "COMMAND"
  | "HTTP"
  | "TCP";

export interface ProbeHttp {
  port: number;
  path?: string | undefined;
  scheme?: string | undefined;
  protocol?: mesos.NetworkInfoProtocol | undefined;
  statuses?: number[] | undefined;
  ignore_1xx?: boolean | undefined;
  with_response?: boolean | undefined;
}

export interface ProbeTcp {
  port: number;
  protocol?: mesos.NetworkInfoProtocol | undefined;
}

export interface Result {
  task_id: mesos.TaskID;
  probe_id: string;
  succeeded: boolean;
  timestamp: number;
  message?: string | undefined;
  response?: ResultResponse | undefined;
}

export interface ResultResponse {
  status: number;
  content_type?: string | undefined;
  body?: string | undefined;
}
