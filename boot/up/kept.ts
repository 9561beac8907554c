import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import { badSetting, type Settings } from "../flags.ts";
import { checkAddress } from "../listen.ts";
import { levelOf, portOf, resourcesIn } from "../settings.ts";
import { etcdProgram } from "./etcd.ts";
import { USUAL_BLOCK } from "./machine.ts";

const DEFAULT_AGENTS = 3;
const MAX_AGENTS = 200;
const MAX_MASTERS = 7;

/** What is remembered of a cluster between two starts. */
export interface Kept {
  agents: number;
  /** Absent: one, with its records in a file. Several have theirs in an etcd. */
  masters?: number | undefined;
  resources?: string | undefined;
  /** Chosen at the first start, and then kept: what an agent has offered cannot be taken back. */
  ports?: { begin: number; end: number } | undefined;
  ip: string;
  /** False after a clean stop: then nothing of the cluster runs any more. */
  running: boolean;
}

/** What the last `up` in this directory has left; undefined when there was none. */
export function readKept(dir: string): Kept | undefined {
  const file = keptFile(dir);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept) : undefined;
}

export function writeKept(dir: string, kept: Kept): void {
  writeFileDurably(keptFile(dir), `${JSON.stringify(kept)}\n`);
}

const keptFile = (dir: string): string => join(dir, "up.json");

/** Flags win over what the last `up` has left. Bad ones are refused before anything is touched. */
export function remember(dir: string, settings: Settings): Kept {
  const before = readKept(dir);
  const agents = Number(settings["agents"] ?? before?.agents ?? DEFAULT_AGENTS);
  if (!Number.isInteger(agents) || agents < 1 || agents > MAX_AGENTS)
    throw badSetting("agents", settings["agents"]!, `a whole number from 1 to ${MAX_AGENTS}`);
  const masters = mastersIn(settings, before);
  if (settings["master-port"] !== undefined) portOf(settings, "master-port");
  levelOf(settings);
  resourcesIn(settings, "resources");
  const ip = settings["ip"] ?? before?.ip ?? "127.0.0.1";
  checkAddress(ip, settings["insecure"] === "true");
  const { running = false, ports = before === undefined ? undefined : USUAL_BLOCK } = before ?? {};
  return { agents, masters, resources: settings["resources"] ?? before?.resources, ports, ip, running };
}

// Records in a file and records in an etcd are two stores: going from one to the other is a copy, which somebody must want.
function mastersIn(settings: Settings, before: Kept | undefined): number {
  const known = before?.masters ?? 1;
  const masters = Number(settings["masters"] ?? known);
  if (!Number.isInteger(masters) || masters < 1 || masters > MAX_MASTERS)
    throw badSetting("masters", settings["masters"]!, `a whole number from 1 to ${MAX_MASTERS}`);
  if (before !== undefined && masters > 1 !== known > 1)
    throw badSetting(
      "masters",
      settings["masters"]!,
      `what this directory has: its records are ${known > 1 ? "in an etcd" : "in files"}. Use another --dir, or leave --masters away`,
    );
  if (masters > 1) etcdProgram();
  return masters;
}
