/** One number about a running part. */
export interface Sample {
  /** The flat name that Mesos gives it, such as `master/tasks_running`. */
  readonly name: string;
  readonly value: number;
  /** A counter only rises while the process lives. */
  readonly kind: "counter" | "gauge";
  /** Where the flat name holds something that varies (an id, a role): the name without it, and what varies by label. */
  readonly family?: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

export function gauge(name: string, value: number, family?: Sample["family"]): Sample {
  return family === undefined ? { name, value, kind: "gauge" } : { name, value, kind: "gauge", family };
}

export function counter(name: string, value: number, family?: Sample["family"]): Sample {
  return family === undefined ? { name, value, kind: "counter" } : { name, value, kind: "counter", family };
}

/** All values by flat name, in order of name: the answer of /metrics/snapshot. */
export function snapshotOf(samples: Iterable<Sample>): Record<string, number> {
  const pairs = [...samples].map(({ name, value }) => [name, value] as const);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The same in Prometheus' text format, version 0.0.4: each flat name becomes `<prefix>_master_tasks_running`, or its family with labels.
 * Counters end in `_total`, as that format's readers expect.
 */
export function prometheusText(samples: Iterable<Sample>, prefix: string): string {
  const families = Map.groupBy(samples, (sample) => familyName(sample, prefix));
  let text = "";
  for (const name of [...families.keys()].sort()) {
    const members = families.get(name)!;
    text += `# TYPE ${name} ${members[0]!.kind}\n`;
    for (const { family, value } of members) text += `${name}${printLabels(family?.labels)} ${printValue(value)}\n`;
  }
  return text;
}

/** The same as one JSON document: `<prefix>.<flat name>` below the kind. Source: Dropwizard's metrics 4, as Marathon, Chronos and Metronome show them. */
export function dropwizardDocument(samples: readonly Sample[], prefix: string): object {
  const of = (kind: Sample["kind"], field: string) =>
    Object.fromEntries(
      samples.filter((one) => one.kind === kind).map(({ name, value }) => [`${prefix}.${name}`, { [field]: value }]),
    );
  return {
    version: "4.0.0",
    counters: of("counter", "count"),
    gauges: of("gauge", "value"),
    histograms: {},
    meters: {},
    timers: {},
  };
}

function familyName({ name, family, kind }: Sample, prefix: string): string {
  const plain = `${prefix}_${family?.name ?? name}`.replace(/[^a-zA-Z0-9_]+/g, "_");
  return kind === "counter" && !plain.endsWith("_total") ? `${plain}_total` : plain;
}

function printLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([label, value]) => `${label}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function printValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

/** How often things happened, by name; each is told from the start, with 0. */
export class Counters {
  readonly #counts: Map<string, number>;

  constructor(names: readonly string[]) {
    this.#counts = new Map(names.map((name) => [name, 0]));
  }

  /** One more of it; of nothing, where there is no name. */
  add(name: string | undefined): void {
    if (name !== undefined) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  samples(): Sample[] {
    return [...this.#counts].map(([name, value]) => counter(name, value));
  }
}

/** How long something took lately: the last 1000 measurements, in milliseconds. */
export class Timings {
  readonly #recent: number[] = [];
  #next = 0;
  #count = 0;
  #last = 0;

  record(ms: number): void {
    this.#recent[this.#next] = ms;
    this.#next = (this.#next + 1) % REMEMBERED;
    this.#count++;
    this.#last = ms;
  }

  /** The latest under `name` itself, and below it count, max, min and percentiles, as Mesos names them. Nothing before the first. */
  samples(name: string): Sample[] {
    if (this.#count === 0) return [];
    const sorted = Float64Array.from(this.#recent).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return [
      gauge(name, this.#last),
      counter(`${name}/count`, this.#count),
      gauge(`${name}/max`, sorted.at(-1)!),
      gauge(`${name}/min`, sorted[0]!),
      ...PERCENTILES.map(([percentile, share]) => gauge(`${name}/${percentile}`, at(share))),
    ];
  }
}

const REMEMBERED = 1000;
const PERCENTILES = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
  ["p9999", 0.9999],
] as const;
