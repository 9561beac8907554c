import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { HEALTH } from "@meseta/lib/io/health.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import type { Flags } from "../flags.ts";
import { serviceAddress } from "./service-address.ts";
import { localPortsFile } from "./settings.ts";

/** What one part of the cluster says of itself. */
export interface Health {
  readonly healthy: boolean;
  /** What is wrong; "" when it is well. */
  readonly why: string;
  /** The error's code where it answers and something has a name. */
  readonly code?: "cannot-store";
}

export interface PartHealth extends Health {
  readonly part: string;
  readonly url: string;
}

/** Whether the part at this base URL says that it is well, and if not, why. Asks that very one, leader or not. */
export async function askHealth(url: string, credentials?: string): Promise<Health> {
  return (await ask(url, credentials)).health;
}

/**
 * The same of the inits and crons that belong to the cluster of a command line. Where nothing names them, only those that answer at the usual ports belong to it; this machine's own ones belong
 * to no cluster that is named on the command line.
 */
export async function servicesHealth(flags: Flags): Promise<Readonly<Record<"init" | "cron", readonly PartHealth[]>>> {
  const [init, cron] = await Promise.all([serviceHealth(flags, "init"), serviceHealth(flags, "cron")]);
  return { init, cron };
}

async function serviceHealth(flags: Flags, name: "init" | "cron"): Promise<PartHealth[]> {
  const from = flags.settings.get(name)?.from;
  const isThisMachines = from === "default" || from === localPortsFile();
  if (flags.text(name) === "" || (isThisMachines && flags.settings.get("master")?.from === "command line")) return [];
  const [urls, credentials] = serviceAddress(flags, name);
  const asked = await Promise.all(urls.map((url) => ask(url, credentials)));
  return asked.flatMap(({ answers, health }, at) =>
    answers || from !== "default"
      ? { part: urls.length > 1 ? `${name} ${at + 1}` : name, url: urls[at]!, ...health }
      : [],
  );
}

async function ask(url: string, credentials?: string): Promise<{ answers: boolean; health: Health }> {
  const client = new HttpClient(1, { answerTimeoutMs: 5000 });
  const own = credentials === undefined ? {} : { Authorization: `Basic ${encodeUtf8(credentials).toBase64()}` };
  try {
    const { status, body } = await client.exchange({ url: url + HEALTH, method: "GET", headers: own });
    return { answers: true, health: said(status, decodeUtf8(body)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { answers: false, health: { healthy: false, why } };
  } finally {
    client.close();
  }
}

// A master of Mesos says nothing with its 200; Marathon, Chronos and Metronome, and ours of older releases, have no such page, and answer.
function said(status: number, text: string): Health {
  if (status === 404 || (status === 200 && text === "")) return { healthy: true, why: "" };
  if (status === 200) return { healthy: false, why: text, code: "cannot-store" };
  return { healthy: false, why: `it answers ${status}` };
}
