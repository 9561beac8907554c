import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { ChosenPorts, Wish } from "./addresses.ts";
import type { Part } from "./supervise.ts";

/** Members of the etcd that `up` starts for several masters: one may be away. */
const MEMBERS = [1, 2, 3];
/** Etcd's own port for clients; each member takes it and the next one, for the others. */
const FIRST_PORT = 2379;
/** Nobody but this machine is to reach them. */
const HOST = "127.0.0.1";
const LOOK_MS = 50;

/** The ports that the members would like. */
export function etcdWishes(): Wish[] {
  return MEMBERS.flatMap((n) => [
    { part: `etcd-${n}`, port: FIRST_PORT + 2 * (n - 1) },
    { part: `etcd-${n}-peers`, port: FIRST_PORT + 2 * (n - 1) + 1 },
  ]);
}

/** What masters, init and cron are given as `--store`. */
export function etcdStore(ports: ChosenPorts): string {
  return `etcd://${MEMBERS.map((n) => `${HOST}:${ports[`etcd-${n}`]}`).join(",")}/meseta`;
}

/** A member of the etcd of a cluster. */
export interface EtcdMember {
  readonly part: Part;
  /** `host:port` for clients. */
  readonly host: string;
  readonly peerUrl: string;
  /** All that it has. */
  readonly folder: string;
}

/** The members, with all they have in folders of `dir`. Throws `not-started` where the machine has no etcd. */
export function etcdMembers(dir: string, ports: ChosenPorts, program = etcdProgram()): EtcdMember[] {
  const peer = (n: number): string => `http://${HOST}:${ports[`etcd-${n}-peers`]}`;
  const all = MEMBERS.map((n) => `etcd-${n}=${peer(n)}`).join(",");
  return MEMBERS.map((n) => {
    const [name, host] = [`etcd-${n}`, `${HOST}:${ports[`etcd-${n}`]}`];
    const [url, folder] = [`http://${host}`, join(dir, name)];
    const command = [
      ...[program, "--name", name, "--data-dir", folder, "--initial-cluster", all],
      ...["--listen-client-urls", url, "--advertise-client-urls", url],
      ...["--listen-peer-urls", peer(n), "--initial-advertise-peer-urls", peer(n)],
      // On one machine nothing is far away, so a member that is gone is noticed soon.
      ...["--heartbeat-interval", "50", "--election-timeout", "500"],
    ];
    const logFile = join(dir, "logs", `${name}.log`);
    const part = { name, args: [], command, serves: () => isHealthy(url), logFile };
    return { part, host, peerUrl: peer(n), folder };
  });
}

/** The same member without anything of before: what it is to have, the others tell it. */
export function asNewcomer({ part, ...member }: EtcdMember): EtcdMember {
  return { ...member, part: { ...part, command: [...part.command!, "--initial-cluster-state", "existing"] } };
}

/** Whether the member has a log: without one it would begin with nothing. */
export function hasLog({ folder }: EtcdMember): boolean {
  const wal = join(folder, "member", "wal");
  return existsSync(wal) && readdirSync(wal).some((name) => name.endsWith(".wal"));
}

/** Where etcd is on this machine. Throws `not-started` where it is not. */
export function etcdProgram(path = process.env["PATH"] ?? ""): string {
  const program = path
    .split(delimiter)
    .map((folder) => join(folder, "etcd"))
    .find(isProgram);
  if (program !== undefined) return program;
  throw new Failure("not-started", {
    part: "etcd",
    why: "several masters keep their records in an etcd, and this machine has no program of that name",
    again: "apt-get install etcd-server, and then the same again; or leave --masters away: one master needs nothing",
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the member serves, which it does when a majority of them runs. */
async function isHealthy(url: string): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
      if (((await answer.json()) as { health?: string }).health === "true") return;
    } catch {}
    await wait(LOOK_MS);
  }
}
