import { CallRefused, Unreachable } from "@meseta/sdk/core/errors.ts";
import { Failure } from "./core/failure.ts";

/** What a user is told about anything that a command throws: refusals of the cluster by their status, the rest as a defect. */
export function asFailure(error: unknown, argv: readonly string[]): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof Unreachable && error.who === "agent") {
    return new Failure("agent-unreachable", { url: error.url, why: error.message });
  }
  if (error instanceof Unreachable && error.who === "init")
    return new Failure("init-unreachable", { why: error.message });
  if (error instanceof Unreachable && error.who === "cron")
    return new Failure("cron-unreachable", { why: error.message });
  if (error instanceof Unreachable)
    return new Failure("cluster-unreachable", { why: error.message + namedAlone(error) });
  if (error instanceof CallRefused) return refused(error, argv);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure("internal", {
    message,
    why: `it happened in \`meseta ${argv.join(" ")}\``,
    command: argv.join(" "),
  });
}

// A process that stands still takes connections all the same; others that are known are asked soon.
function namedAlone({ url, message }: Unreachable): string {
  if (url.includes(",") || !message.includes("no answer within")) return "";
  return "; of several masters all should be named, so that the others are asked after 3 s";
}

/** What inits and crons that stand by say while nobody leads, the former with 502 and the latter with 503. */
const LEADERLESS = "Could not determine the current leader";

function refused(error: CallRefused, argv: readonly string[]): Failure {
  // Where several were given, each has the page.
  const from = error.url.split(",")[0];
  const what = error.call.toLowerCase().replaceAll("_", " ");
  const why = error.text.trim() || `${error.url} answered ${error.status} without a word`;
  const command = argv
    .filter((word) => !word.startsWith("-"))
    .slice(0, 2)
    .join(" ");
  const leaderless = (part: string) => new Failure("no-leader", { part, why: `${error.url}: ${why}` }, from);
  if (why === LEADERLESS) return leaderless(error.status === 502 ? "init" : "cron");
  switch (error.status) {
    case 401:
    case 403:
      return new Failure("not-allowed", { what, why }, from);
    case 404:
      return new Failure("not-found", { kind: "object", name: "of that name", why }, from);
    case 409:
      return new Failure("conflict", { what, why }, from);
    case 307:
    case 503:
      // It leads, and cannot store: waiting for a leader would not help.
      if (why.startsWith("Nothing was changed")) return new Failure("call-failed", { what, why, command }, from);
      return leaderless("master");
    default:
      return new Failure(error.status >= 500 ? "call-failed" : "call-refused", { what, why, command }, from);
  }
}
