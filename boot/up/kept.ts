import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { badSetting, type Settings } from "../flags.ts";
import { checkAddress } from "../listen.ts";
import { RELEASE } from "../release.ts";
import { levelOf, portOf, resourcesIn } from "../settings.ts";
import { etcdProgram } from "./etcd.ts";
import { USUAL_BLOCK } from "./machine.ts";

const DEFAULT_AGENTS = 3;
const MAX_AGENTS = 200;
const MAX_MASTERS = 7;

/** Of this file. One that says nothing is of form 1. */
const FORM = 1;

/** What is remembered of a cluster between two starts. */
export interface Kept {
  form?: number;
  agents: number;
  /** Absent: one. Its records are in files; those of several are in an etcd, so this is written when they are there. */
  masters?: number | undefined;
  /** The records have been in an etcd that was whole: it does not begin with nothing any more. */
  hadEtcd?: boolean | undefined;
  resources?: string | undefined;
  /** Chosen at the first start, and then kept: what an agent has offered cannot be taken back. */
  ports?: { begin: number; end: number } | undefined;
  ip: string;
  /** False after a clean stop: then nothing of the cluster runs any more. */
  running: boolean;
}

/** What the last `up` in this directory has left; undefined when there was none. Throws `newer-state` when this release would misread it. */
export function readKept(dir: string): Kept | undefined {
  const file = keptFile(dir);
  if (!existsSync(file)) return undefined;
  const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
  if ((kept.form ?? 1) <= FORM) return kept;
  const why = `${file} is of form ${kept.form}, made by a newer release; this is Meseta ${RELEASE}, which knows forms up to ${FORM}. Start that release again`;
  throw new Failure("newer-state", { why });
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
  const { hadEtcd } = before ?? {};
  return { agents, masters, hadEtcd, resources: settings["resources"] ?? before?.resources, ports, ip, running };
}

function mastersIn(settings: Settings, before: Kept | undefined): number {
  const known = before?.masters ?? 1;
  const masters = Number(settings["masters"] ?? known);
  if (!Number.isInteger(masters) || masters < 1 || masters > MAX_MASTERS)
    throw badSetting("masters", settings["masters"]!, `a whole number from 1 to ${MAX_MASTERS}`);
  if (masters > 1 || known > 1) etcdProgram();
  return masters;
}

/** Whether the records of a cluster of so many masters are in an etcd; else they are in files. */
export function areInEtcd({ masters = 1 }: Kept): boolean {
  return masters > 1;
}
