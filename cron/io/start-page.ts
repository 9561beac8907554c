import { startPageHtml } from "@meseta/lib/io/http/start-page.ts";
import type { Front } from "./front.ts";

const CHRONOS = ["/v1/scheduler/jobs", "/v1/scheduler/jobs/summary", "/v1/scheduler/graph/csv", "/metrics"];
const METRONOME = [
  "/v1/jobs?embed=schedules&embed=historySummary",
  "/v1/queue",
  "/info",
  "/v1/metrics",
  "/docs/errors",
];

/** GET /: for whoever opens the address of either server in a browser. */
export function startPage({ config, loop }: Front): string {
  const lists = [
    { heading: "Chronos's API", base: `http://${config.address}`, paths: CHRONOS },
    { heading: "Metronome's API", base: `http://${config.metronomeAddress}`, paths: METRONOME },
  ];
  return startPageHtml({ title: `Meseta cron ${config.frameworkName}`, about: summary(loop), lists });
}

function summary(loop: Front["loop"]): string {
  if (!loop.daemon.ready) return "It is loading its records.";
  const { entries, tasks, waiting } = loop.state;
  return `${entries.size} jobs, ${tasks.size} tasks under way, ${waiting.size} runs waiting for a place.`;
}
