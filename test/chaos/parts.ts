import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));
const ETCD = "/usr/bin/etcd";

/** A process of the cluster, in a network namespace and on a disk of its own. */
export interface Part {
  readonly name: string;
  readonly kind: PartKind;
  readonly ip: string;
}

export type PartKind = "etcd" | "master" | "agent" | "init" | "cron";

/** How many of each there are, and where their addresses begin. */
const KINDS: readonly { readonly kind: PartKind; readonly count: number; readonly first: number }[] = [
  { kind: "etcd", count: 3, first: 11 },
  { kind: "master", count: 3, first: 21 },
  { kind: "agent", count: 3, first: 31 },
  { kind: "init", count: 2, first: 41 },
  { kind: "cron", count: 2, first: 51 },
];

export const PARTS: readonly Part[] = KINDS.flatMap(({ kind, count, first }) =>
  Array.from({ length: count }, (_, at) => ({ name: `${kind}-${at + 1}`, kind, ip: `10.77.0.${first + at}` })),
);

/** Where those who use the cluster are: a place that can be cut off as well. */
export const CLIENTS = { name: "clients", ip: "10.77.0.1" } as const;

/** Every place in the network. */
export const PLACES: readonly { readonly name: string; readonly ip: string }[] = [CLIENTS, ...PARTS];

/** The parts of one kind. */
export function partsOf(kind: PartKind): readonly Part[] {
  return PARTS.filter((part) => part.kind === kind);
}

const PORTS: Readonly<Record<PartKind, number>> = { etcd: 2379, master: 5050, agent: 5051, init: 8080, cron: 9000 };

/** Where clients call it; of cron, Metronome's API and Chronos' are both there. */
export function urlOf({ kind, ip }: Part): string {
  return `http://${ip}:${PORTS[kind]}`;
}

export function urlsOf(kind: PartKind): string[] {
  return partsOf(kind).map(urlOf);
}

/** The path that says whether the part serves. */
export function healthOf(kind: PartKind): string {
  return kind === "init" || kind === "cron" ? "/ping" : "/health";
}

/** The program and its arguments; `disk` is its own folder. As an operator would start it by docs/operate/several-masters.md. */
export function commandOf(part: Part, disk: string): string[] {
  const { kind, ip } = part;
  const common = ["--ip", ip, "--insecure", "--dir", disk];
  const masters = ["--master", urlsOf("master").join(",")];
  const store = ["--store", `etcd://${partsOf("etcd").map((each) => `${each.ip}:2379`)}/meseta`];
  switch (kind) {
    case "etcd":
      return etcdCommand(part, disk);
    case "master":
      return [MESETA, "master", ...common, ...store];
    case "agent":
      // Control groups and images are no matter of networks and deaths, and would outlive the run.
      return [MESETA, "agent", ...common, ...masters, "--hostname", ip, "--root-tasks", ...AGENT];
    case "init":
      return [MESETA, "init", ...common, ...masters, ...store];
    case "cron":
      return [MESETA, "cron", ...common, ...masters, ...store];
  }
}

const AGENT = ["--cgroups", "off", "--runtime", "none"];
AGENT.push("--resources", "cpus:16;mem:8192;disk:8192;ports:[31000-31999]");

function etcdCommand({ name, ip }: Part, disk: string): string[] {
  const all = partsOf("etcd").map((each) => `${each.name}=http://${each.ip}:2380`);
  const [clients, peers] = [`http://${ip}:2379`, `http://${ip}:2380`];
  return [
    ...[ETCD, "--name", name, "--data-dir", join(disk, "data"), "--initial-cluster", all.join(",")],
    ...["--listen-client-urls", clients, "--advertise-client-urls", clients],
    ...["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers],
  ];
}
