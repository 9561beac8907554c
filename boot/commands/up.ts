import type { DaemonCommand } from "../flags.ts";
import { dir, insecure, logLevel } from "./parts.ts";

export const UP: DaemonCommand = {
  name: "up",
  summary: "Starts a cluster on this machine and keeps it running until Ctrl-C; a second `up` shows the first.",
  example: "meseta up --agents 5 --dir ~/cluster",
  flags: {
    dir: dir(),
    agents: { value: "N", help: "How many agents, each a process of its own (default 3, or as many as last time)." },
    masters: {
      value: "N",
      help: "How many masters (default 1, or as many as last time); several share an etcd of three, which is started as well.",
    },
    "master-port": { value: "PORT", help: "The master's port (default 5050, or the next free one)." },
    resources: {
      value: "R",
      help: "What each agent gives: 'cpus:4;mem:2048;ports:[31000-31500]' (default: an equal part of this machine).",
    },
    json: { help: "Prints JSON lines for programs: ready, stopped." },
    "no-init": { help: "Starts no init beside the kernel." },
    "no-cron": { help: "Starts no cron beside the kernel." },
    quickstart: { help: "Runs the example workload on the cluster." },
    ip: {
      value: "IP",
      help: "The address to listen on (default 127.0.0.1, or as last time); other than loopback needs --insecure.",
    },
    insecure,
    "log-level": logLevel,
  },
};
