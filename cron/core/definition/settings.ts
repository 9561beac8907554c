/** What the operator of a cron chose, as far as definitions depend on it. Source: Chronos' command line. */
export interface Settings {
  /** `--mesos_task_cpu`, `--mesos_task_mem`, `--mesos_task_disk`: what a Chronos job gets that asks for 0; mem and disk in MiB. */
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  /** `--user`. */
  readonly user: string;
}

export const DEFAULT_SETTINGS: Settings = { cpus: 0.1, mem: 128, disk: 256, user: "root" };
