import type { ChronosContainer, ChronosJob } from "@meseta/api/chronos/job.ts";
import type { MetronomeNetwork } from "@meseta/api/metronome/job.ts";
import { formatTimestamp } from "@meseta/lib/core/timestamp.ts";
import { type Constraint, type Job, type JobStats, type Run, schedulesOf, type Trigger } from "../job.ts";
import { whenText } from "../when.ts";
import { type ChronosBody, type ChronosReading, zoneText } from "./chronos.ts";

/** The job that a Chronos body describes. What Chronos has no words for is as it was. */
export function jobOfChronos(body: ChronosBody, trigger: Trigger, { old, settings }: ChronosReading): Job {
  return {
    ...(old?.activeDeadlineSeconds !== undefined && { activeDeadlineSeconds: old.activeDeadlineSeconds }),
    labels: old?.labels ?? {},
    maxLaunchDelaySeconds: old?.maxLaunchDelaySeconds ?? 3600,
    id: body.name,
    description: body.description,
    owner: body.owner,
    ownerName: body.ownerName,
    trigger: body.disabled ? trigger : enabled(trigger),
    run: runOf(body, settings, old?.run),
    isDisabled: body.disabled,
    isConcurrent: body.concurrent,
    retries: body.retries,
    maxCompletionSeconds: body.maxCompletionTime,
    isSoftError: body.softError,
    isHighPriority: body.highPriority,
    chronos: {
      async: body.async,
      epsilon: body.epsilon,
      executor: body.executor,
      executorFlags: body.executorFlags,
      taskInfoData: body.taskInfoData,
      dataProcessingJobType: body.dataProcessingJobType,
      networkInfos: body.container?.networkInfos ?? [],
    },
  };
}

/** The job as Chronos shows it. */
export function chronosJob(job: Job, stats: JobStats): ChronosJob {
  const { run, chronos } = job;
  const { networkInfos: _, ...only } = chronos;
  const [schedule] = schedulesOf(job);
  return {
    ...only,
    name: job.id,
    command: run.cmd ?? "",
    shell: run.isShell,
    arguments: run.args,
    ...whenShown(job),
    retries: job.retries,
    owner: job.owner,
    ownerName: job.ownerName,
    description: job.description,
    ...statsShown(stats),
    cpus: run.cpus,
    mem: run.mem,
    disk: run.disk,
    disabled: job.isDisabled || (schedule !== undefined && schedulesOf(job).every(({ isEnabled }) => !isEnabled)),
    concurrent: schedule === undefined ? job.isConcurrent : schedule.overlap === "start",
    softError: job.isSoftError,
    highPriority: job.isHighPriority,
    maxCompletionTime: job.maxCompletionSeconds,
    uris: run.fetch.map(({ uri }) => uri),
    fetch: run.fetch,
    environmentVariables: Object.entries(run.env).flatMap(([name, value]) =>
      typeof value === "string" ? [{ name, value }] : [],
    ),
    runAsUser: run.user ?? "",
    ...containerShown(job),
    constraints: run.constraints.map(({ attribute, operator, value }) => [
      attribute,
      operator === "IS" ? "EQUALS" : operator,
      value,
    ]),
  };
}

/** The schedule of jobs that only run by hand: it never fires, and Chronos' clients can read it. Written back it means the same. */
export const NEVER = { schedule: "R0//PT24H", scheduleTimeZone: "" };

function whenShown({ trigger }: Job): Pick<ChronosJob, "schedule" | "scheduleTimeZone" | "parents" | "catchUp"> {
  if (trigger.type === "parents") return { parents: trigger.parents };
  const [first] = trigger.schedules;
  if (first === undefined) return NEVER;
  const catchUp = first.catchUp === "ONE" ? {} : { catchUp: first.catchUp };
  return { schedule: whenText(first.when), scheduleTimeZone: zoneText(first.when), ...catchUp };
}

function statsShown({
  lastSuccessMs,
  lastErrorMs,
  ...counts
}: JobStats): JobStats & Pick<ChronosJob, "lastSuccess" | "lastError"> {
  const shown = (ms: number | undefined) => (ms === undefined ? "" : formatTimestamp(ms));
  return { ...counts, lastSuccess: shown(lastSuccessMs), lastError: shown(lastErrorMs) };
}

// Chronos has one word for a job and its schedule: enabling the one enables the other, that clients see.
function enabled(trigger: Trigger): Trigger {
  if (trigger.type === "parents") return trigger;
  const [first, ...others] = trigger.schedules;
  return { ...trigger, schedules: first ? [{ ...first, isEnabled: true }, ...others] : [] };
}

function runOf(body: ChronosBody, settings: ChronosReading["settings"], old: Run | undefined): Run {
  const { container, fetch, uris } = body;
  const secretEnv = Object.entries(old?.env ?? {}).filter(([, value]) => typeof value !== "string");
  const plainEnv = body.environmentVariables.map(({ name, value }) => [name, value] as const);
  const graceSeconds = old?.taskKillGracePeriodSeconds;
  return {
    cpus: amountOf(body.cpus, old?.cpus, settings.cpus),
    mem: amountOf(body.mem, old?.mem, settings.mem),
    disk: amountOf(body.disk, old?.disk, settings.disk),
    gpus: old?.gpus ?? 0,
    ...(body.command !== "" && { cmd: body.command }),
    args: body.arguments,
    isShell: body.shell,
    ...userOf(body.runAsUser, settings.user, old),
    env: Object.fromEntries([...secretEnv, ...plainEnv]),
    secrets: old?.secrets ?? {},
    fetch: fetch.length > 0 ? fetch : uris.map(fetchOf),
    ...(container && { container: containerOf(container, old) }),
    volumes: [...(container?.volumes ?? []), ...(old?.volumes.filter(({ secret }) => secret !== undefined) ?? [])],
    networks: container ? networksOf(container, old) : [],
    constraints: body.constraints.map(constraintOf),
    ...(graceSeconds !== undefined && { taskKillGracePeriodSeconds: graceSeconds }),
  };
}

// Nothing is the default, unless nothing is what clients have been shown.
function amountOf(given: number, shown: number | undefined, byDefault: number): number {
  return given === shown ? shown : given || byDefault;
}

function userOf(given: string, byDefault: string, old: Run | undefined): Pick<Run, "user"> {
  const isUnset = given === "" && old !== undefined && old.user === undefined;
  return isUnset ? {} : { user: given || byDefault };
}

// Archives are unpacked as Mesos always did: by their names.
function fetchOf(uri: string): Run["fetch"][number] {
  return {
    uri,
    extract: /\.(tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz|tar|zip)$/i.test(uri),
    executable: false,
    cache: false,
    output_file: "",
  };
}

function constraintOf([attribute, operator, value]: readonly [string, string, string]): Constraint {
  const word = operator.toUpperCase() as "EQUALS" | "LIKE" | "UNLIKE";
  return { attribute, operator: word === "EQUALS" ? "IS" : word, value };
}

function containerOf(
  { type, image, forcePullImage, parameters }: ChronosContainer,
  old?: Run,
): NonNullable<Run["container"]> {
  return { type, image, forcePullImage, parameters, isPrivileged: old?.container?.isPrivileged ?? false };
}

const MODES = { HOST: "host", BRIDGE: "container/bridge", USER: "container" } as const;

function networksOf({ network, networkName }: ChronosContainer, old?: Run): readonly MetronomeNetwork[] {
  if (network === "HOST") return [];
  const mode = MODES[network];
  const [first, ...others] = old?.networks ?? [];
  const isSame = first?.mode === mode && first.name === networkName;
  return isSame ? [first, ...others] : [{ mode, ...(networkName !== undefined && { name: networkName }) }];
}

function containerShown({ run, chronos }: Job): Pick<ChronosJob, "container"> {
  const { container, networks, volumes } = run;
  const seen = volumes.filter(({ secret }) => secret === undefined);
  if (container === undefined && seen.length === 0 && networks.length === 0) return {};
  const { type, image, forcePullImage, parameters } = container ?? PLAIN;
  const shown = { type, image, ...networkShown(networks), networkInfos: chronos.networkInfos, volumes: seen };
  return { container: { ...shown, forcePullImage, parameters } };
}

const PLAIN = { type: "MESOS", image: "", forcePullImage: false, parameters: [] } as const;

function networkShown([first]: readonly MetronomeNetwork[]): Pick<ChronosContainer, "network" | "networkName"> {
  if (first === undefined || first.mode === "host") return { network: "HOST" };
  const name = first.name === undefined ? {} : { networkName: first.name };
  return { network: first.mode === "container" ? "USER" : "BRIDGE", ...name };
}
