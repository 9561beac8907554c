// Who reads what was written, from each master by itself, and sees who answers as the leader.
import { setTimeout as wait } from "node:timers/promises";
import { ABSENT, type History, now, type Value } from "../history.ts";
import { urlsOf } from "../parts.ts";
import { Caller } from "./caller.ts";

const PATIENCE_MS = 20_000;
const PAUSE_MS = 300;

/** One reader at each master, one of apps and one of jobs at each init and cron; they stop with `signal`. */
export async function readAll(history: History, signal: AbortSignal): Promise<void> {
  const at = (urls: readonly string[], read: Read) => urls.map((url) => reader(history, url, read, signal));
  const masters = at(urlsOf("master"), readMaster);
  await Promise.all([...masters, ...at(urlsOf("init"), readApps), ...at(urlsOf("cron"), readJobs)]);
}

type Read = (caller: Caller, url: string, history: History) => Promise<void>;

async function reader(history: History, url: string, read: Read, signal: AbortSignal): Promise<void> {
  const caller = new Caller([url], PATIENCE_MS);
  while (!signal.aborted) {
    await read(caller, url, history).catch(() => {});
    await wait(PAUSE_MS);
  }
  caller.close();
}

/** Only a leader answers these itself. */
async function readMaster(caller: Caller, url: string, history: History): Promise<void> {
  const operate = async (type: string) => {
    const calledAt = now();
    const said = await caller.askOne(url, { method: "POST", path: "/api/v1", body: { type } });
    return said.status === 200 ? { calledAt, body: JSON.parse(said.text) } : undefined;
  };
  const led = await operate("GET_MASTER");
  if (led === undefined) return;
  history.note({ type: "leads", calledAt: led.calledAt, id: led.body.get_master.master_info.id, from: url });
  const weights = await operate("GET_WEIGHTS");
  if (weights !== undefined) {
    const infos: { role: string; weight: number }[] = weights.body.get_weights.weight_infos ?? [];
    const values = Object.fromEntries(infos.map(({ role, weight }) => [`weight/${role}`, String(weight)]));
    history.note({ type: "read", calledAt: weights.calledAt, prefix: "weight/", from: url, values });
  }
  const quota = await operate("GET_QUOTA");
  if (quota === undefined) return;
  const configs: { role: string; limits?: { cpus?: { value: number } } }[] = quota.body.get_quota.status?.configs ?? [];
  const values = Object.fromEntries(
    configs.map(({ role, limits }) => [`quota/${role}`, String(limits?.cpus?.value ?? ABSENT)]),
  );
  history.note({ type: "read", calledAt: quota.calledAt, prefix: "quota/", from: url, values });
}

/** An app's value is its generation and its number of instances. */
export function valueOfApp({ env, instances }: { env?: Record<string, string>; instances: number }): Value {
  return `${env?.["GENERATION"]} × ${instances}`;
}

async function readApps(caller: Caller, url: string, history: History): Promise<void> {
  const calledAt = now();
  const said = await caller.askOne(url, { method: "GET", path: "/v2/apps" });
  if (said.status !== 200) return;
  const { apps } = JSON.parse(said.text) as { apps: { id: string; env?: Record<string, string>; instances: number }[] };
  const values = Object.fromEntries(apps.map((app) => [`app${app.id}`, valueOfApp(app)]));
  history.note({ type: "read", calledAt, prefix: "app/", from: url, values });
}

async function readJobs(caller: Caller, url: string, history: History): Promise<void> {
  const calledAt = now();
  const said = await caller.askOne(url, { method: "GET", path: "/v1/jobs" });
  if (said.status !== 200) return;
  const values = Object.fromEntries((JSON.parse(said.text) as { id: string }[]).map(({ id }) => [`job/${id}`, "made"]));
  history.note({ type: "read", calledAt, prefix: "job/", from: url, values });
}
