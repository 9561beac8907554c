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
  if (error instanceof Unreachable) return new Failure("cluster-unreachable", { why: error.message });
  if (error instanceof CallRefused) return refused(error, argv);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure("internal", {
    message,
    why: `it happened in \`meseta ${argv.join(" ")}\``,
    command: argv.join(" "),
  });
}

function refused(error: CallRefused, argv: readonly string[]): Failure {
  const what = error.call.toLowerCase().replaceAll("_", " ");
  const why = error.text.trim() || `${error.url} answered ${error.status} without a word`;
  const command = argv
    .filter((word) => !word.startsWith("-"))
    .slice(0, 2)
    .join(" ");
  switch (error.status) {
    case 401:
    case 403:
      return new Failure("not-allowed", { what, why }, error.url);
    case 404:
      return new Failure("not-found", { kind: "object", name: "of that name", why }, error.url);
    case 409:
      return new Failure("conflict", { what, why }, error.url);
    case 307:
    case 503:
      // It leads, and cannot store: waiting for a leader would not help.
      if (why.startsWith("Nothing was changed")) return new Failure("call-failed", { what, why, command }, error.url);
      return new Failure("no-leader", { why: `${error.url}: ${why}` }, error.url);
    default:
      return new Failure(error.status >= 500 ? "call-failed" : "call-refused", { what, why, command }, error.url);
  }
}
