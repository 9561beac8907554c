// What the commands of several parts take alike.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Flag } from "../flags.ts";

const root = fileURLToPath(new URL("../../.meseta", import.meta.url));
/** In the folder of this checkout, or one below it. */
export const dir = (...folder: string[]): Flag => ({
  value: "DIR",
  default: join(root, ...folder),
  help: "Where everything that must last is kept.",
});
export const ip: Flag = {
  value: "IP",
  default: "127.0.0.1",
  help: "The address to listen on; other than loopback needs --insecure.",
};
export const insecure: Flag = {
  help: "Listen on other addresses than loopback although nobody has to prove who they are.",
};
export const hostNames: Flag = {
  value: "LIST",
  help: "Further names, with commas, that clients call it by although it listens on loopback; * for any.",
};
export const store: Flag = {
  value: "URL",
  help: "Where records are kept: sqlite:PATH, or etcd://HOST:PORT,…/FOLDER (default: store.db in --dir).",
};
export const logFile: Flag = { value: "FILE", help: "Where the log goes, instead of stderr; clients can read it." };
export const logLevel: Flag = { value: "LEVEL", default: "info", help: "debug, info, warn or error." };
/** What a server grants its peers. */
export const httpBounds = (bodySize: string): Readonly<Record<string, Flag>> => ({
  "max-body-size": { value: "BYTES", default: bodySize, help: "A request with a larger body is refused." },
  "max-bytes-in-flight": {
    value: "BYTES",
    default: "256MB",
    help: "How much the bodies of all unanswered requests may hold; others are told to come again.",
  },
  "max-connections": { value: "N", default: "20000", help: "How many connections may be open; others are closed." },
  "max-stream-backlog": {
    value: "BYTES",
    default: "64MB",
    help: "How much may wait for the reader of a stream, who is cut off beyond it.",
  },
  "max-streams-backlog": {
    value: "BYTES",
    default: "1GB",
    help: "How much may wait for the readers of all streams; beyond it the slowest are cut off.",
  },
  limits: {
    value: "LIST",
    help: "Further bounds, with commas: head-size=32KB,events-queued=50000; docs/reference/limits.md has their names.",
  },
});
export const supervised: Flag = { help: "Started by `meseta up`.", hidden: true };
/** What agents and frameworks call. */
export const master: Flag = {
  value: "URLS",
  default: "http://127.0.0.1:5050",
  help: "The master, or several with commas.",
};
/** What init and cron, which are frameworks, grant the master and want of it. */
export const framework = {
  hostname: { value: "NAME", help: "The name that clients and the master are told (default: the address)." },
  bridgeName: { value: "NAME", default: "mesos-bridge", help: "The network that stands for bridge mode." },
  declineOfferDuration: {
    value: "DURATION",
    default: "2mins",
    help: "How long resources that nothing wanted are not offered again, unless something new waits.",
  },
  reconciliation: {
    "reconciliation-initial-delay": {
      value: "DURATION",
      default: "15secs",
      help: "When the master is first asked what runs.",
    },
    "reconciliation-interval": { value: "DURATION", default: "10mins", help: "How often after that." },
  },
  credentials: { value: "USER:PASSWORD", help: "Who may call; everybody without them." },
} as const satisfies Record<string, Flag | Readonly<Record<string, Flag>>>;
