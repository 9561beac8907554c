// Writes docs/reference/limits.md: every bound of every part, from the tables that the code itself is bounded by.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { limits as bodyLimits } from "@meseta/api/mesos/codec/limits.ts";
import { LONGEST_ID_BYTES } from "@meseta/api/mesos/resources/ids.ts";
import { CRON_BOUNDS } from "@meseta/cron/core/bounds.ts";
import { INIT_BOUNDS } from "@meseta/init/core/bounds.ts";
import { AGENT_BOUNDS } from "@meseta/kernel/core/agent/bounds.ts";
import { MASTER_BOUNDS } from "@meseta/kernel/core/master/bounds.ts";
import type { Bound } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { MAX_VALUE_LENGTH } from "@meseta/lib/core/ports/store.ts";
import { HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";

/** What a body of the Mesos API, and a record of a store, may be. */
const WIRE_BOUNDS = {
  depth: { what: "Objects and lists inside one another in a body", most: bodyLimits.depth, outcome: "400" },
  keys: { what: "Keys of one object in a body", most: bodyLimits.keysPerObject, outcome: "400" },
  values: { what: "Values of one body", most: bodyLimits.values, outcome: "400" },
  ids: {
    what: "The bytes of an id that a user chooses",
    most: LONGEST_ID_BYTES,
    unit: "bytes",
    outcome: "400, or TASK_ERROR",
  },
  record: {
    what: "The characters of one stored record",
    most: MAX_VALUE_LENGTH,
    outcome: "the change is refused with 503",
  },
} as const satisfies Record<string, Bound>;

/** The parts and their tables, in the order of the page. */
export const TABLES: readonly { title: string; about: string; bounds: Readonly<Record<string, Bound>> }[] = [
  {
    title: "Every server",
    about:
      "The HTTP servers of master, agent, init and cron. Their metrics are called `meseta/http/connections` on master and agent, and `http.connections.gauge` or `http.connections-refused.counter` on init and cron. cron takes bodies of 1 MiB unless it is told otherwise.",
    bounds: HTTP_BOUNDS,
  },
  {
    title: "Every part",
    about: "Metrics: `meseta/events_queued` on master and agent, `events.queued.gauge` on init and cron.",
    bounds: LOOP_BOUNDS,
  },
  { title: "Bodies and records", about: "What is written in them.", bounds: WIRE_BOUNDS },
  { title: "The master", about: "Flags of `meseta master`.", bounds: MASTER_BOUNDS },
  { title: "The agent", about: "Flags of `meseta agent`.", bounds: AGENT_BOUNDS },
  { title: "init", about: "Flags of `meseta init`.", bounds: INIT_BOUNDS },
  { title: "cron", about: "Flags of `meseta cron`.", bounds: CRON_BOUNDS },
];

/** The whole page. */
export function limitsMarkdown(): string {
  const head = `# Limits

Made by \`node tools/limits.ts\` from the tables that the code takes its bounds from. What a peer or a user could otherwise fill, or keep waiting,
without end; how much of it there may be; the flag that changes it; the metrics of how much there is now and of how often the bound was met; and what happens then.
`;
  return head + TABLES.map(({ title, about, bounds }) => section(title, about, Object.values(bounds))).join("");
}

function section(title: string, about: string, bounds: readonly Bound[]): string {
  const rows = bounds.map(
    (bound) =>
      `| ${bound.what} | ${amount(bound)} | ${flag(bound)} | ${code(bound.now)} | ${code(bound.met)} | ${bound.outcome} |\n`,
  );
  return `\n## ${title}\n\n${about}\n\n| what | bound | flag | now | met | what happens |\n|---|---|---|---|---|---|\n${rows.join("")}`;
}

function flag({ setting }: Bound): string {
  return setting === undefined ? "" : code(`--${setting}`);
}

function code(text: string | undefined): string {
  return text === undefined ? "" : `\`${text}\``;
}

/** "32 MiB", "10 s", "1,000". */
function amount({ most, unit }: Bound): string {
  if (most === Number.POSITIVE_INFINITY) return "none unless set";
  if (unit === "bytes") return inUnits(most, BYTES);
  return unit === "ms" ? inUnits(most, TIMES) : most.toLocaleString("en");
}

const BYTES = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["bytes", 1],
] as const;
const TIMES = [
  ["weeks", 604_800_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

function inUnits(value: number, units: readonly (readonly [string, number])[]): string {
  const [name, size] = units.find(([, of]) => value >= of && value % of === 0)!;
  return `${value / size} ${value === size && name === "weeks" ? "week" : name}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL("../docs/reference/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("limits.md", folder), limitsMarkdown());
}
