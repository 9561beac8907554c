import type { Answer } from "@meseta/lib/io/http/answer.ts";
import { HTML, startPageHtml } from "@meseta/lib/io/http/start-page.ts";
import { tasksHeld } from "../../core/agent/launch.ts";
import type { Front } from "./front.ts";

const PATHS = [
  ...["/state", "/containers", "/monitor/statistics", "/files/debug"],
  ...["/metrics", "/flags", "/health", "/help", "/docs/errors"],
];

/** GET /: for whoever opens the address in a browser. */
export function startPage({ config, loop }: Front): Answer {
  const { state } = loop;
  const link = state.link.status === "subscribed" ? "A master knows it." : "It looks for its master.";
  const about = `Version ${config.version}. ${tasksHeld(state)} tasks of ${state.frameworks.size} frameworks. ${link}`;
  const title = `Meseta agent ${config.hostname}`;
  return { status: 200, headers: HTML, body: startPageHtml({ title, about, lists: [{ paths: PATHS }] }) };
}
