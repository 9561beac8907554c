import type { Answer } from "@meseta/lib/io/http/answer.ts";
import { HTML, startPageHtml } from "@meseta/lib/io/http/start-page.ts";
import type { Front } from "./front.ts";

const PATHS = [
  ...["/state", "/state-summary", "/slaves", "/frameworks", "/tasks", "/roles", "/maintenance/status"],
  ...["/metrics", "/flags", "/help", "/docs/errors"],
];

/** GET /: for whoever opens the address in a browser before there is a user interface here. */
export function startPage({ config, loop }: Front): Answer {
  const now = loop.ready
    ? `${loop.state.agents.size} agents, ${loop.state.frameworks.size} frameworks.`
    : "It is loading its records.";
  const title = `Meseta master ${config.cluster ?? config.hostname}`;
  const about = `Version ${config.version}. ${now}`;
  return { status: 200, headers: HTML, body: startPageHtml({ title, about, lists: [{ paths: PATHS }] }) };
}
