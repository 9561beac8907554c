import type { Answer } from "@meseta/lib/io/http/answer.ts";
import type { Front } from "./front.ts";

/** GET /: for whoever opens the address in a browser before there is a user interface here. */
export function startPage({ config, loop }: Front): Answer {
  const paths = [
    "/state",
    "/state-summary",
    "/slaves",
    "/frameworks",
    "/tasks",
    "/roles",
    "/maintenance/status",
    "/metrics",
    "/flags",
  ];
  const links = paths.map((path) => `<li><a href="${path}">${path}</a></li>`).join("");
  const agents = loop.ready
    ? `${loop.state.agents.size} agents, ${loop.state.frameworks.size} frameworks.`
    : "It is loading its records.";
  const title = `Meseta master ${inHtml(config.cluster ?? config.hostname)}`;
  const body = `<h1>${title}</h1><p>Version ${inHtml(config.version)}. ${agents}</p><ul>${links}</ul>`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body>${body}</body></html>\n`;
  return { status: 200, headers: { "Content-Type": "text/html" }, body: html };
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
