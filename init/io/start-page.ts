import type { Answer } from "@meseta/lib/io/http/answer.ts";
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
];

/** GET /ui/: for whoever opens the address in a browser. */
export function startPage({ config, loop }: Front): Answer {
  const links = PATHS.map((path) => `<li><a href="..${path}">${path}</a></li>`).join("");
  const title = `Meseta init ${inHtml(config.frameworkName)}`;
  const body = `<h1>${title}</h1><p>Version ${inHtml(config.version)}. ${summary(loop)}</p><ul>${links}</ul>`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body>${body}</body></html>\n`;
  return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: html };
}

function summary(loop: Front["loop"]): string {
  if (!loop.daemon.ready) return "It is loading its records.";
  const { tree, deployments } = loop.state;
  return `${tree.apps.size} apps, ${tree.pods.size} pods, ${deployments.all.length} deployments under way.`;
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
