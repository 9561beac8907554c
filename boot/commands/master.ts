import { ETCD_FLAGS } from "../etcd/flags.ts";
import type { DaemonCommand } from "../flags.ts";
import { dir, hostNames, httpBounds, insecure, ip, logFile, logLevel, store, supervised } from "./parts.ts";

export const MASTER: DaemonCommand = {
  name: "master",
  summary: "Runs a master: it offers the agents' resources to frameworks, and keeps track of their tasks.",
  example: "meseta master --port 5050 --dir /var/lib/meseta/master",
  flags: {
    port: { value: "PORT", default: "5050", help: "The port to listen on." },
    ip,
    insecure,
    "host-names": hostNames,
    dir: dir("master"),
    store,
    ...ETCD_FLAGS,
    hostname: { value: "NAME", help: "The name that clients are told (default: the address)." },
    cluster: { value: "NAME", help: "The cluster's name, shown by clients." },
    "offer-timeout": {
      value: "DURATION",
      default: "60secs",
      help: "Unanswered offers are taken back after this; 0secs = never.",
    },
    "allocation-interval": {
      value: "DURATION",
      default: "1secs",
      help: "The least time that a declined offer is kept from a framework.",
    },
    "agent-ping-timeout": { value: "DURATION", default: "15secs", help: "How often agents must answer." },
    "max-agent-ping-timeouts": {
      value: "N",
      default: "5",
      help: "How many answers an agent may miss before it is unreachable.",
    },
    "agent-reregister-timeout": {
      value: "DURATION",
      default: "10mins",
      help: "How long a lost agent may take to come back.",
    },
    "agent-removal-rate-limit": {
      value: "N/DURATION",
      help: "How many agents may be marked unreachable in that time: '1/10mins' (default: any number).",
    },
    "recovery-agent-removal-limit": {
      value: "PERCENT",
      default: "100%",
      help: "When more of the agents stay away after a restart, the master ends instead of marking them unreachable.",
    },
    "rate-limits": {
      value: "JSON",
      help: 'How fast calls of whose frameworks are taken: {"limits":[{"principal":"p","qps":50,"capacity":1000}]}, or a file with it.',
    },
    "max-frameworks": { value: "N", default: "50000", help: "How many frameworks there may be; others come again." },
    "max-agents": { value: "N", default: "100000", help: "How many agents there may be; others come again." },
    "max-tasks-per-framework": {
      value: "N",
      default: "1000000",
      help: "How many tasks one may have, with those whose end it has not acknowledged.",
    },
    "max-completed-frameworks": { value: "N", default: "50", help: "How many ended frameworks are remembered." },
    "max-completed-tasks-per-framework": {
      value: "N",
      default: "1000",
      help: "How many ended tasks of each framework are remembered.",
    },
    "max-unreachable-tasks-per-framework": {
      value: "N",
      default: "1000",
      help: "How many unreachable tasks of each framework are shown.",
    },
    "max-operator-event-stream-subscribers": {
      value: "N",
      default: "1000",
      help: "How many may read the operators' events; beyond it the one that reads longest is cut off.",
    },
    "registry-max-agent-count": {
      value: "N",
      default: "102400",
      help: "How many unreachable, gone and removed agents are remembered, each.",
    },
    "registry-max-agent-age": { value: "DURATION", default: "2weeks", help: "How long they are." },
    ...httpBounds("32MB"),
    "require-agent-domain": { help: "Refuses agents that do not say in which --domain they stand." },
    roles: { value: "LIST", help: "The only roles that may be used, with commas (default: any)." },
    whitelist: {
      value: "FILE",
      help: "Hostnames, one a line: offers come only from these agents; read again every 5 seconds.",
    },
    domain: { value: "REGION/ZONE", help: "Where this master stands." },
    "root-submissions": { value: "BOOL", default: "true", help: "Whether frameworks may run as user root." },
    "log-file": logFile,
    "log-level": logLevel,
    supervised,
  },
};
