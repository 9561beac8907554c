export type HealthProtocol = "HTTP" | "HTTPS" | "TCP" | "COMMAND" | "MESOS_TCP" | "MESOS_HTTP" | "MESOS_HTTPS";

/** A health check of an app. `port` or `portIndex` is there unless the protocol is COMMAND; `path` where it speaks HTTP; `command` for COMMAND. */
export interface HealthCheck {
  readonly protocol: HealthProtocol;
  readonly path?: string;
  readonly port?: number;
  readonly portIndex?: number;
  readonly command?: { readonly value: string };
  readonly gracePeriodSeconds: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** 0: never kill. */
  readonly maxConsecutiveFailures: number;
  readonly delaySeconds: number;
  readonly ignoreHttp1xx: boolean;
  readonly ipProtocol: "IPv4" | "IPv6";
}

interface CheckTimes {
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly delaySeconds: number;
}

/** A check of an app that only reports. Exactly one of http, tcp, exec. */
export interface Check extends CheckTimes {
  readonly http?: {
    readonly portIndex?: number;
    readonly port?: number;
    readonly path: string;
    readonly scheme: HttpScheme;
  };
  readonly tcp?: { readonly portIndex?: number; readonly port?: number };
  readonly exec?: { readonly command: Command };
}

export type HttpScheme = "HTTP" | "HTTPS";

/** What is run: a line for a shell, or the words of a call. Exactly one. */
export interface Command {
  readonly shell?: string;
  readonly argv?: readonly string[];
}

/** A check of a pod's container that only reports; ports are named by their endpoint. Exactly one of http, tcp, exec. */
export interface PodCheck extends CheckTimes {
  readonly http?: { readonly endpoint: string; readonly path: string; readonly scheme: HttpScheme };
  readonly tcp?: { readonly endpoint: string };
  readonly exec?: { readonly command: Command };
}

export interface PodHealthCheck extends PodCheck {
  readonly gracePeriodSeconds: number;
  readonly maxConsecutiveFailures: number;
}

/** Asked of new instances during a deployment, until each was ready once. */
export interface ReadinessCheck {
  readonly name: string;
  readonly protocol: HttpScheme;
  readonly path: string;
  readonly portName: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly httpStatusCodesForReady: readonly number[];
  readonly preserveLastResponse: boolean;
}
