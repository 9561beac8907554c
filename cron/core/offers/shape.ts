import { toMilli } from "@meseta/api/mesos/resources/scalar.ts";
import type { PortWish } from "@meseta/sdk/core/offer/ports.ts";
import type { Constraint, Job, Run } from "../job.ts";
import { mappingsOf } from "../task/ports.ts";

/** What a task needs of an offer. Jobs that need the same have the same object, so that one refusal speaks for the runs of all of them. */
export interface Shape {
  /** cpus, mem, disk and gpus, those of which it needs any, in thousandths. */
  readonly scalars: readonly (readonly [name: string, milli: number])[];
  readonly needsGpus: boolean;
  readonly constraints: readonly Constraint[];
  /** In the order of the job's port mappings. */
  readonly ports: readonly PortWish[];
}

/** The shapes of jobs. */
export class Shapes {
  readonly #byText = new Map<string, Shape>();
  // Definitions are never changed in place.
  readonly #known = new WeakMap<Run, Shape>();

  of(job: Job): Shape {
    // Ports are not among what a run says by itself.
    if (job.chronos.networkInfos.length > 0) return this.#find(job);
    const known = this.#known.get(job.run);
    if (known !== undefined) return known;
    const shape = this.#find(job);
    this.#known.set(job.run, shape);
    return shape;
  }

  #find(job: Job): Shape {
    const shape = shapeOf(job);
    const text = JSON.stringify(shape);
    const same = this.#byText.get(text);
    if (same !== undefined) return same;
    // Shapes of jobs that are gone are not worth a count of who uses them.
    if (this.#byText.size >= MOST_SHAPES) this.#byText.clear();
    this.#byText.set(text, shape);
    return shape;
  }
}

const MOST_SHAPES = 10_000;
const SCALARS = ["cpus", "mem", "disk", "gpus"] as const;

function shapeOf(job: Job): Shape {
  const { constraints } = job.run;
  const amounts = SCALARS.map((name) => [name, toMilli(job.run[name])] as const);
  const ports = mappingsOf(job).map(({ hostPort }) => ({ hostPort }));
  return { scalars: amounts.filter(([, milli]) => milli > 0), needsGpus: job.run.gpus > 0, constraints, ports };
}
