import type { ChronosError } from "@meseta/api/chronos/answers.ts";
import { type Problem, refusalOf } from "@meseta/api/json-body/outcome.ts";
import type { MetronomeJob } from "@meseta/api/metronome/job.ts";

/** Why Chronos' API does not do what was asked. Always a 400, an unknown job included. */
export interface ChronosRefusal {
  readonly status: 400;
  readonly body: ChronosError;
}

/** Why Metronome's API does not do what was asked. */
export interface MetronomeRefusal {
  readonly status: 400 | 404 | 409 | 422;
  readonly body: {
    readonly message: string;
    readonly id?: string;
    /** Of a run that is not there, or not any more: the job that it is looked for in. */
    readonly jobSpec?: MetronomeJob;
    readonly requestPath?: string;
    readonly details?: string | readonly { readonly path: string; readonly errors: readonly string[] }[];
  };
}

export function chronosRefusal(message: string): { readonly refusal: ChronosRefusal } {
  return { refusal: { status: 400, body: { status: "Bad Request", message } } };
}

export function metronomeRefusal(
  status: MetronomeRefusal["status"],
  body: MetronomeRefusal["body"],
): { readonly refusal: MetronomeRefusal } {
  return { refusal: { status, body } };
}

/** The answer to a body with these problems: all of them, by path. While types are wrong nothing is said of rules. */
export function invalid(problems: readonly Problem[]): { readonly refusal: MetronomeRefusal } {
  const { details } = refusalOf(problems).body;
  return metronomeRefusal(422, { message: "Object is not valid", ...(details !== undefined && { details }) });
}

/** The answers to ids that nothing has. Clients compare the texts. */
export const NOT_FOUND = {
  job: (id: string) => metronomeRefusal(404, { id, message: "Job not found" }),
  run: (id: string, jobSpec: MetronomeJob) => metronomeRefusal(404, { jobSpec, id, message: "Job Run not found" }),
  route: (requestPath: string) => metronomeRefusal(404, { message: "Unknown route.", requestPath }),
  leader: () => metronomeRefusal(404, { message: "There is no leader" }),
  schedule: (id: string) => metronomeRefusal(404, { id, message: "Schedule not found" }),
  chronosJob: (name: string) => chronosRefusal(`No job is called "${name}".`),
} as const;

export function tooManyJobs(most: number): string {
  return `There are ${most} jobs already (--max-jobs)`;
}

/** The answers to what is in the way. */
export const CONFLICT = {
  jobExists: () => metronomeRefusal(409, { message: "Job with this id already exists" }),
  scheduleExists: () => metronomeRefusal(409, { message: "Schedule with this id already exists" }),
  activeRuns: () =>
    metronomeRefusal(409, { message: "There are active job runs. Override with stopCurrentJobRuns=true" }),
  tooManyJobs: (most: number) => metronomeRefusal(409, { message: tooManyJobs(most) }),
  dependents: (ids: readonly string[]) =>
    metronomeRefusal(409, { message: `Other jobs depend on this one: ${ids.join(", ")}` }),
} as const;
