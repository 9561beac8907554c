import type { Probe } from "@meseta/api/mesos/generated/probe.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { validateCheckCommand, validatePath, validatePort } from "./checks.ts";

const MOST_PROBES = 32;
const MOST_ID_CHARACTERS = 255;
const TIMES = ["delay_seconds", "interval_seconds", "timeout_seconds", "grace_period_seconds"] as const;

/** The probes of a task, an extension of Meseta: each has an id of its own, a kind with its part, and times that are not negative. */
export function validateProbes(probes: readonly Probe[] = []): Refusal | undefined {
  if (probes.length > MOST_PROBES) return refuse(`A task can have at most ${MOST_PROBES} probes`);
  return firstRefusal(probes, (probe, i) => {
    if (probe.id === "" || probe.id.length > MOST_ID_CHARACTERS)
      return refuse(`The id of a probe must have 1 to ${MOST_ID_CHARACTERS} characters`);
    if (probes.findIndex(({ id }) => id === probe.id) < i) return refuse(`Two probes have the id '${probe.id}'`);
    return validateKind(probe) ?? validateTimes(probe);
  });
}

function validateTimes(probe: Probe): Refusal | undefined {
  return firstRefusal(TIMES, (name) => {
    const value = probe[name] ?? 0;
    return value >= 0 && Number.isFinite(value) ? undefined : refuse(`Expecting '${name}' to be non-negative`);
  });
}

function validateKind({ type, http, tcp, command }: Probe): Refusal | undefined {
  switch (type) {
    case "HTTP":
      return http === undefined ? refuse("Expecting 'http' to be set for HTTP probe") : validateHttp(http);
    case "TCP":
      return tcp === undefined ? refuse("Expecting 'tcp' to be set for TCP probe") : validatePort(tcp.port);
    case "COMMAND":
      return command === undefined
        ? refuse("Expecting 'command' to be set for COMMAND probe")
        : validateCheckCommand(command);
    case "UNKNOWN":
    case undefined:
      return refuse("A probe must specify 'type'");
  }
}

function validateHttp({ scheme, path, port }: NonNullable<Probe["http"]>): Refusal | undefined {
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    return refuse(`Unsupported HTTP probe scheme: '${scheme}'`);
  return validatePath("HTTP probe", path) ?? validatePort(port);
}
