import { openSync, readFileSync } from "node:fs";
import type { RateLimits, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal, type Refusal } from "@meseta/api/mesos/refusal.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { rateLimitsProblem } from "@meseta/kernel/core/master/rate-limits.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import { parseBytes } from "@meseta/lib/core/bytes.ts";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { type Bounds, HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";
import type { LeastRate } from "@meseta/lib/io/http/paced.ts";
import { type Level, TextLog } from "@meseta/lib/io/log.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { badSetting, type Settings } from "./flags.ts";

/** Settings as values; each refuses what it cannot read, and says what it wants. */

export function portOf(settings: Settings, name: string): number {
  const port = Number(settings[name]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw badSetting(name, settings[name]!, "a port from 0 to 65535");
  return port;
}

export function durationOf(settings: Settings, name: string): number {
  const ms = parseDurationMs(settings[name]!);
  if (ms === undefined) throw badSetting(name, settings[name]!, "a duration such as 30secs or 5mins");
  return ms;
}

/** How long each has when `N/DURATION` says how many there may be in a time, in milliseconds; undefined when it is not set. */
export function intervalOf(settings: Settings, name: string): number | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  const [count, duration, ...more] = text.split("/");
  const ms = parseDurationMs(duration ?? "");
  if (!/^[1-9]\d{0,8}$/.test(count!) || ms === undefined || more.length > 0)
    throw badSetting(name, text, "a number and a duration such as 1/10mins");
  return ms / Number(count);
}

export function bytesOf(settings: Settings, name: string): number {
  const bytes = parseBytes(settings[name]!);
  if (bytes === undefined) throw badSetting(name, settings[name]!, "an amount such as 512MB or 2GB");
  return bytes;
}

/** What `httpBounds` of the commands says, and what `--limits` does of a server. */
export function boundsOf(settings: Settings, limits?: ReadonlyMap<string, number>): Partial<Bounds> {
  const bodyBytes = bytesOf(settings, "max-body-size");
  const bytesInFlight = bytesOf(settings, "max-bytes-in-flight");
  if (bytesInFlight < bodyBytes)
    throw badSetting(
      "max-bytes-in-flight",
      settings["max-bytes-in-flight"]!,
      `at least --max-body-size ${settings["max-body-size"]}`,
    );
  const [streamBytes, allStreamsBytes] = [
    bytesOf(settings, "max-stream-backlog"),
    bytesOf(settings, "max-streams-backlog"),
  ];
  const connections = countOf(settings, "max-connections");
  const own = { bodyBytes, bytesInFlight, connections, streamBytes, allStreamsBytes };
  return { ...limitsOf(HTTP_BOUNDS, limits), ...own };
}

/** `--rate-limits`, as JSON or in a file. */
export function rateLimitsOf(settings: Settings): RateLimits | undefined {
  const text = settings["rate-limits"];
  if (text === undefined) return undefined;
  const limits = jsonOf(text);
  const problem = limits instanceof Error ? limits.message : rateLimitsProblem(limits);
  if (problem !== undefined) throw new Failure("bad-setting", { name: "rate-limits", why: problem });
  return limits as RateLimits;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(/^\s*\{/.test(text) ? text : readFileSync(text.replace(/^file:\/\//, ""), "utf8"));
  } catch (error) {
    return error;
  }
}

/** What senders of files and images must bring. */
export function leastRateOf(settings: Settings): LeastRate {
  const windowMs = durationOf(settings, "download-window");
  if (windowMs < 1000) throw badSetting("download-window", settings["download-window"]!, "a second or more");
  return { bytes: Math.ceil((bytesOf(settings, "download-least-rate") * windowMs) / 1000), windowMs };
}

export function countOf(settings: Settings, name: string): number {
  const count = Number(settings[name]);
  if (!Number.isInteger(count) || count < 1) throw badSetting(name, settings[name]!, "a whole number from 1");
  return count;
}

/** The same, where none is a number as well. */
export function wholeOf(settings: Settings, name: string): number {
  return settings[name] === "0" ? 0 : countOf(settings, name);
}

/** `95%`, or without the sign; 0 to 100. */
export function percentOf(settings: Settings, name: string): number {
  const percent = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(settings[name]!)?.[1];
  if (percent === undefined || Number(percent) > 100)
    throw badSetting(name, settings[name]!, "a percentage such as 50%");
  return Number(percent);
}

export function isOn(settings: Settings, name: string): boolean {
  const value = settings[name] ?? "false";
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  throw badSetting(name, value, "true or false");
}

/** The log of a part: to `--log-file`, or to stderr. */
export function openLog(settings: Settings): TextLog {
  const file = settings["log-file"];
  return new TextLog(file === undefined ? 2 : openSync(file, "a", 0o600), levelOf(settings));
}

export function levelOf(settings: Settings): Level {
  const level = settings["log-level"]!;
  if (level === "debug" || level === "info" || level === "warn" || level === "error") return level;
  throw badSetting("log-level", level, "debug, info, warn or error");
}

/** One of these words. */
export function oneOf<T extends string>(settings: Settings, name: string, words: readonly T[]): T {
  const word = words.find((one) => one === settings[name]);
  if (word === undefined) throw badSetting(name, settings[name] ?? "", `one of ${words.join(", ")}`);
  return word;
}

/** The base URLs of `--master`, separated by commas there. */
export function mastersOf(settings: Settings): string[] {
  const urls = settings["master"]!.split(",").map((url) => url.trim());
  const bad = urls.find((url) => !/^http:\/\/[^/]+:\d+\/?$/.test(url));
  if (bad !== undefined) throw badSetting("master", bad, "of the form http://host:port");
  return urls.map((url) => url.replace(/\/$/, ""));
}

/** A list like 'cpus:4;mem:2048', or undefined when it is not set. */
export function resourcesIn(settings: Settings, name: string): Resource[] | undefined {
  return listOf(settings, name, (text) => readResources(text));
}

/** What `read` makes of a setting's text, or undefined when it is not set. */
export function listOf<T>(settings: Settings, name: string, read: (text: string) => T[] | Refusal): T[] | undefined {
  const text = settings[name];
  if (text === undefined) return undefined;
  const list = read(text);
  if (isRefusal(list)) throw new Failure("bad-setting", { name, why: list.message });
  return list;
}

/** `region/zone`, or undefined when it is not set. */
export function domainOf(settings: Settings): { region: string; zone: string } | undefined {
  const text = settings["domain"];
  if (text === undefined) return undefined;
  const [region, zone, ...more] = text.split("/");
  if (!region || !zone || more.length > 0) throw badSetting("domain", text, "of the form region/zone");
  return { region, zone };
}

/** What the machine says of itself, for what nobody told. */
export interface Machine {
  readonly user: string;
  readonly hostname: string;
}

/** The name that clients are told of whoever listens on `--ip`: nobody can call an address that stands for all. */
export function hostnameOf(settings: Settings, machine: Machine): string {
  const ip = settings["ip"]!;
  return settings["hostname"] ?? (ip === "0.0.0.0" || ip === "::" ? machine.hostname : ip);
}

/** `user:password`, or undefined when they are not set. What is wrong with them is not shown. */
export function credentialsOf(settings: Settings, name: string): string | undefined {
  const credentials = settings[name];
  if (credentials !== undefined && !/^[^:]+:.+$/.test(credentials))
    throw badSetting(name, "…", "of the form user:password");
  return credentials;
}

/** The words of a list with commas. */
export function wordsIn(list: string | undefined): string[] {
  return (list ?? "").split(",").flatMap((word) => word.trim() || []);
}

/** For GET_FLAGS: as given, with underscores as Mesos writes them; what is internal stays out. */
export function shownFlags(settings: Settings): Record<string, string> {
  const entries = Object.entries(settings).filter(([name, value]) => name !== "supervised" && value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name.replaceAll("-", "_"), value!]));
}
