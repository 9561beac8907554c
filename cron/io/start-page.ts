import type { Front } from "./front.ts";

const CHRONOS = ["/v1/scheduler/jobs", "/v1/scheduler/jobs/summary", "/v1/scheduler/graph/csv", "/metrics"];
const METRONOME = ["/v1/jobs?embed=schedules&embed=historySummary", "/v1/queue", "/info", "/v1/metrics"];

/** GET /: for whoever opens the address of either server in a browser. */
export function startPage({ config, loop }: Front): string {
  const title = `Meseta cron ${inHtml(config.frameworkName)}`;
  const body = `<h1>${title}</h1><p>${inHtml(summary(loop))}</p>${links("Chronos", config.address, CHRONOS)}${links("Metronome", config.metronomeAddress, METRONOME)}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body>${body}</body></html>\n`;
}

function links(api: string, address: string, paths: readonly string[]): string {
  const items = paths.map((path) => `<li><a href="http://${inHtml(address + path)}">${inHtml(path)}</a></li>`);
  return `<h2>${api}'s API</h2><ul>${items.join("")}</ul>`;
}

function summary(loop: Front["loop"]): string {
  if (!loop.daemon.ready) return "It is loading its records.";
  const { entries, tasks, waiting } = loop.state;
  return `${entries.size} jobs, ${tasks.size} tasks under way, ${waiting.size} runs waiting for a place.`;
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
