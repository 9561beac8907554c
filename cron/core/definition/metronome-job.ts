import type {
  MetronomeConstraint,
  MetronomeJob,
  MetronomeRunSpec,
  MetronomeVolume,
} from "@meseta/api/metronome/job.ts";
import {
  type Container,
  type Fetch,
  type Job,
  PLAIN_CHRONOS,
  parentsOf,
  type Run,
  type Trigger,
  UNLIMITED,
  type Volume,
} from "../job.ts";
import type { GivenConstraint, GivenVolume, MetronomeBody } from "./metronome.ts";

/** The job that a Metronome body describes. What Metronome has no words for is as it was. */
export function jobOfMetronome(body: MetronomeBody, trigger: Trigger, old: Job | undefined): Job {
  const { policy, activeDeadlineSeconds } = body.run.restart;
  const { activeDeadlineSeconds: _, ...kept }: Partial<Job> & Fresh = old ?? FRESH;
  return {
    ...kept,
    id: body.id,
    description: body.description ?? "",
    labels: body.labels,
    trigger,
    run: runOf(body.run, old?.run),
    retries: retriesOf(policy, old),
    ...(activeDeadlineSeconds !== undefined && { activeDeadlineSeconds }),
    maxLaunchDelaySeconds: body.run.maxLaunchDelay,
  };
}

/** The job as Metronome shows it, without what `embed` adds. */
export function metronomeJob(job: Job): MetronomeJob {
  return {
    id: job.id,
    ...(job.description !== "" && { description: job.description }),
    labels: job.labels,
    dependencies: parentsOf(job).map((id) => ({ id })),
    run: runShown(job),
  };
}

type Fresh = Omit<
  Job,
  "id" | "description" | "labels" | "trigger" | "run" | "retries" | "activeDeadlineSeconds" | "maxLaunchDelaySeconds"
>;

/** What Chronos alone can say, as it is for a job of Metronome's. */
const FRESH: Fresh = {
  owner: "",
  ownerName: "",
  isDisabled: false,
  isConcurrent: true,
  maxCompletionSeconds: 0,
  isSoftError: false,
  isHighPriority: false,
  chronos: PLAIN_CHRONOS,
};

// Metronome says whether there are further attempts, not how many: a number that was said before is kept.
function retriesOf(policy: "NEVER" | "ON_FAILURE", old: Job | undefined): number {
  if (policy === "NEVER") return 0;
  return old && old.retries > 0 ? old.retries : UNLIMITED;
}

function runOf(body: MetronomeBody["run"], old: Run | undefined): Run {
  const { cpus, mem, disk, gpus, cmd, args = [], user, env, secrets, networks, taskKillGracePeriodSeconds } = body;
  const container = containerOf(body, old);
  return {
    cpus,
    mem,
    disk,
    gpus,
    ...(cmd !== undefined && { cmd }),
    args,
    // With arguments it is an executable.
    isShell: cmd !== undefined && args.length === 0,
    ...(user !== undefined && { user }),
    env,
    secrets,
    fetch: body.artifacts.map((artifact) => ({ ...artifact, output_file: outputOf(artifact.uri, old) })),
    ...(container && { container }),
    volumes: [...body.volumes.map(volumeOf), ...(old?.volumes.filter(isUnseen) ?? [])],
    networks: networks.every(({ mode }) => mode === "host") ? [] : networks,
    constraints: body.placement.constraints.map(constraintOf),
    ...(taskKillGracePeriodSeconds !== undefined && { taskKillGracePeriodSeconds }),
  };
}

function outputOf(uri: string, old: Run | undefined): string {
  return old?.fetch.find((fetch: Fetch) => fetch.uri === uri)?.output_file ?? "";
}

function containerOf({ docker, ucr }: MetronomeBody["run"], old: Run | undefined): Container | undefined {
  if (docker) {
    const { privileged, ...rest } = docker;
    return { type: "DOCKER", ...rest, isPrivileged: privileged };
  }
  if (ucr === undefined) return undefined;
  const parameters = old?.container?.type === "MESOS" ? old.container.parameters : [];
  const { id, forcePull } = ucr.image;
  return { type: "MESOS", image: id, forcePullImage: forcePull, isPrivileged: ucr.privileged, parameters };
}

function volumeOf({ containerPath, hostPath, mode, secret }: GivenVolume): Volume {
  if (secret !== undefined) return { containerPath, secret, mode: "RO" };
  return { containerPath, hostPath: hostPath!, mode: mode! };
}

/** Volumes that Metronome has no words for. */
function isUnseen({ hostPath, secret }: Volume): boolean {
  return hostPath === undefined && secret === undefined;
}

function constraintOf({ attribute, operator, value = "" }: GivenConstraint): Run["constraints"][number] {
  return { attribute, operator: operator === "EQ" ? "IS" : operator, value };
}

function runShown({ run, retries, activeDeadlineSeconds, maxLaunchDelaySeconds }: Job): MetronomeRunSpec {
  const { cpus, mem, disk, gpus, cmd, args, user, env, secrets, networks, taskKillGracePeriodSeconds } = run;
  return {
    cpus,
    mem,
    disk,
    gpus,
    ...(cmd !== undefined && { cmd }),
    ...(args.length > 0 && { args }),
    ...(user !== undefined && { user }),
    env,
    secrets,
    artifacts: run.fetch.map(({ output_file: _, ...artifact }) => artifact),
    ...containerShown(run.container),
    volumes: run.volumes.flatMap(volumeShown),
    networks,
    placement: { constraints: run.constraints as readonly MetronomeConstraint[] },
    maxLaunchDelay: maxLaunchDelaySeconds,
    restart: {
      policy: retries > 0 ? "ON_FAILURE" : "NEVER",
      ...(activeDeadlineSeconds !== undefined && { activeDeadlineSeconds }),
    },
    ...(taskKillGracePeriodSeconds !== undefined && { taskKillGracePeriodSeconds }),
  };
}

function containerShown(container: Container | undefined): Pick<MetronomeRunSpec, "docker" | "ucr"> {
  if (container === undefined || container.image === "") return {};
  const { image, forcePullImage, isPrivileged: privileged, parameters } = container;
  if (container.type === "DOCKER") return { docker: { image, forcePullImage, privileged, parameters } };
  return { ucr: { image: { id: image, kind: "docker", forcePull: forcePullImage }, privileged } };
}

function volumeShown({ containerPath, hostPath, mode, secret }: Volume): MetronomeVolume[] {
  if (secret !== undefined) return [{ containerPath, secret }];
  return hostPath === undefined ? [] : [{ containerPath, hostPath, mode }];
}
