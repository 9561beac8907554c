export interface IpAddress {
  readonly ipAddress: string;
  readonly protocol: "IPv4" | "IPv6";
}

/** A task of an app, as the API shows it. What an instance has only on an agent is absent before. */
export interface Task {
  readonly id: string;
  readonly appId: string;
  readonly state: string;
  readonly role: string;
  readonly host?: string;
  readonly ports?: readonly number[];
  readonly servicePorts?: readonly number[];
  readonly slaveId?: string;
  readonly stagedAt?: string;
  readonly startedAt?: string;
  readonly version?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly ipAddresses?: readonly IpAddress[];
  /** Absent until the first result: load balancers then keep their last answer. */
  readonly healthCheckResults?: readonly HealthCheckResult[];
  readonly checkResult?: CheckResult;
  readonly localVolumes?: readonly LocalVolume[];
}

export interface HealthCheckResult {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccess: string | null;
  readonly lastSuccess: string | null;
  readonly lastFailure: string | null;
  readonly lastFailureCause: string | null;
  readonly instanceId: string;
}

export interface CheckResult {
  readonly http?: { readonly statusCode: number };
  readonly tcp?: { readonly succeeded: boolean };
  readonly command?: { readonly exitCode: number };
}

export interface LocalVolume {
  readonly runSpecId: string;
  readonly containerPath: string;
  readonly uuid: string;
  readonly persistenceId: string;
}

export interface ReadinessCheckResult {
  readonly name: string;
  readonly taskId: string;
  readonly ready: boolean;
  readonly lastResponse?: { readonly status: number; readonly contentType: string; readonly body: string };
}

/** How the last task of an app that failed ended. */
export interface TaskFailure {
  readonly appId: string;
  readonly host: string;
  readonly message: string;
  readonly state: string;
  readonly taskId: string;
  readonly timestamp: string;
  readonly version: string;
  readonly slaveId?: string;
}

export interface TaskStats {
  readonly startedAfterLastScaling?: StatsOf;
  readonly withLatestConfig?: StatsOf;
  readonly withOutdatedConfig?: StatsOf;
  readonly totalSummary?: StatsOf;
}

export interface StatsOf {
  readonly stats: {
    readonly counts: {
      readonly staged: number;
      readonly running: number;
      readonly healthy: number;
      readonly unhealthy: number;
    };
    readonly lifeTime?: { readonly averageSeconds: number; readonly medianSeconds: number };
  };
}
