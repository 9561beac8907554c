import type { Answer } from "@meseta/lib/io/http/answer.ts";
import { HTML, startPageHtml } from "@meseta/lib/io/http/start-page.ts";
import type { Front } from "./front.ts";

const PATHS = [
  "/v2/apps?embed=apps.tasks",
  "/v2/pods",
  "/v2/groups",
  "/v2/deployments",
  "/v2/queue",
  "/v2/info",
  "/metrics",
  "/config",
  "/docs/errors",
];

/** GET /ui/: for whoever opens the address in a browser. */
export function startPage({ config, loop }: Front): Answer {
  const title = `Meseta init ${config.frameworkName}`;
  const about = `Version ${config.version}. ${summary(loop)}`;
  return { status: 200, headers: HTML, body: startPageHtml({ title, about, lists: [{ base: "..", paths: PATHS }] }) };
}

function summary(loop: Front["loop"]): string {
  if (!loop.daemon.ready) return "It is loading its records.";
  const { tree, deployments } = loop.state;
  return `${tree.apps.size} apps, ${tree.pods.size} pods, ${deployments.all.length} deployments under way.`;
}
