// Writes docs/reference/limits.md: every bound of every part, from the tables that the code itself is bounded by.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { limits as bodyLimits } from "@meseta/api/mesos/codec/limits.ts";
import { LONGEST_ID_BYTES } from "@meseta/api/mesos/resources/ids.ts";
import { CRON_BOUNDS } from "@meseta/cron/core/bounds.ts";
import { IMAGE_BOUNDS } from "@meseta/drivers/image/bounds.ts";
import { INIT_BOUNDS } from "@meseta/init/core/bounds.ts";
import { AGENT_BOUNDS } from "@meseta/kernel/core/agent/bounds.ts";
import { MASTER_BOUNDS } from "@meseta/kernel/core/master/bounds.ts";
import type { Bound } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { MAX_VALUE_LENGTH } from "@meseta/lib/core/ports/store.ts";
import { HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";

const MEMORY = "with the size of a body, which can be set, it bounds the memory that one takes";

/** What a body of any API, and a record of a store, may be. */
export const WIRE_BOUNDS = {
  depth: {
    what: "Objects and lists inside one another in a body",
    most: bodyLimits.depth,
    fixed: "no message that is taken is as deep, and readers go as deep on their own stack",
    met: "refused_400",
    outcome: "400",
  },
  keys: {
    what: "Keys of one object in a body",
    most: bodyLimits.keysPerObject,
    fixed: MEMORY,
    met: "refused_400",
    outcome: "400",
  },
  values: { what: "Values of one body", most: bodyLimits.values, fixed: MEMORY, met: "refused_400", outcome: "400" },
  ids: {
    what: "The bytes of an id that a user chooses",
    most: LONGEST_ID_BYTES,
    unit: "bytes",
    fixed: "Mesos' own: ids are names of folders",
    met: "refused_400",
    outcome: "400, or TASK_ERROR",
  },
  record: {
    what: "The characters of one stored record",
    most: MAX_VALUE_LENGTH,
    fixed: "what every kind of store can hold",
    met: "refused_503",
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
  {
    title: "Bodies and records",
    about: "What is written in them. The metrics are those of every server.",
    bounds: WIRE_BOUNDS,
  },
  { title: "The master", about: "Flags of `meseta master`.", bounds: MASTER_BOUNDS },
  { title: "The agent", about: "Flags of `meseta agent`.", bounds: AGENT_BOUNDS },
  {
    title: "Images of containers",
    about: "On an agent.",
    bounds: IMAGE_BOUNDS,
  },
  { title: "init", about: "Flags of `meseta init`.", bounds: INIT_BOUNDS },
  { title: "cron", about: "Flags of `meseta cron`.", bounds: CRON_BOUNDS },
];

/** The whole page. */
export function limitsMarkdown(): string {
  const head = `# Limits

Made by \`node tools/limits.ts\` from the tables that the code takes its bounds from. What a peer or a user could otherwise fill, or keep waiting,
without end; how much of it there may be; what changes it, a flag or a name in the flag \`--limits\` (\`--limits head-size=32KB,events-queued=50000\`), or why nothing does; the metrics of how much there is now and of how often the bound was met, or why there is none; and what
happens then. \`refused_400\` and the like count all requests that a server answered so.
`;
  return head + TABLES.map(({ title, about, bounds }) => section(title, about, Object.values(bounds))).join("");
}

function section(title: string, about: string, bounds: readonly Bound[]): string {
  const rows = bounds.map(
    (bound) => `| ${bound.what} | ${amount(bound)} | ${setBy(bound)} | ${seenIn(bound)} | ${bound.outcome} |\n`,
  );
  return `\n## ${title}\n\n${about}\n\n| what | bound | set by | metrics | what happens |\n|---|---|---|---|---|\n${rows.join("")}`;
}

function setBy({ setting, limit, fixed }: Bound): string {
  if (setting !== undefined) return code(`--${setting}`);
  return limit === undefined ? `fixed: ${fixed}` : `\`--limits\` ${code(limit)}`;
}

function seenIn({ now, met, unseen }: Bound): string {
  const names = [
    ...(now === undefined ? [] : [`now: ${code(now)}`]),
    ...(met === undefined ? [] : [`met: ${code(met)}`]),
  ];
  return names.length > 0 ? names.join(", ") : `none: ${unseen}`;
}

function code(text: string): string {
  return `\`${text}\``;
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
