import { type Answer, jsonAnswer, notFound } from "@meseta/lib/io/http/answer.ts";
import type { Request } from "@meseta/lib/io/http/request.ts";

/** What each endpoint of a process is for, by its path. */
export type Endpoints = Readonly<Record<string, string>>;

/**
 * GET /help, /help/PATH: the endpoints, one a line; with `format=json` in the form of Mesos. `id` is the process' name in libprocess,
 * below which all but the v1 APIs stand as well.
 */
export function answerHelp(id: string, endpoints: Endpoints, { path, query }: Request): Answer {
  const asked = path.slice("/help".length);
  const wanted = asked === `/${id}` || asked.startsWith(`/${id}/`) ? asked.slice(id.length + 1) : asked;
  const found = Object.entries(endpoints).filter(
    ([name]) => wanted === "" || wanted === "/" || name === wanted || name.startsWith(`${wanted}/`),
  );
  if (found.length === 0) return notFound;
  if (query.get("format") === "json") return jsonAnswer({ processes: [{ id, endpoints: found.map(inJson) }] });
  const width = Math.max(...found.map(([name]) => name.length));
  const lines = found.map(([name, words]) => `${name.padEnd(width)}  ${words}\n`);
  return { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: lines.join("") };
}

function inJson([name, words]: [string, string]): object {
  return { name, text: `### USAGE ###\n>        ${name}\n\n### TL;DR; ###\n${words}\n` };
}
