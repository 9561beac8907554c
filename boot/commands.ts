import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ETCD_FLAGS } from "./etcd-flags.ts";
import type { DaemonCommand, Flag } from "./flags.ts";

const root = fileURLToPath(new URL("../.meseta", import.meta.url));
const dir = (preset: string): Flag => ({
  value: "DIR",
  default: preset,
  help: "Where everything that must last is kept.",
});
const ip: Flag = {
  value: "IP",
  default: "127.0.0.1",
  help: "The address to listen on; other than loopback needs --insecure.",
};
const insecure: Flag = { help: "Listen on other addresses than loopback although nobody has to prove who they are." };
const hostNames: Flag = {
  value: "LIST",
  help: "Further names, with commas, that clients call it by although it listens on loopback; * for any.",
};
const store: Flag = {
  value: "URL",
  help: "Where records are kept: sqlite:PATH, or etcd://HOST:PORT,…/FOLDER (default: store.db in --dir).",
};
const logFile: Flag = { value: "FILE", help: "Where the log goes, instead of stderr; clients can read it." };
const logLevel: Flag = { value: "LEVEL", default: "info", help: "debug, info, warn or error." };
/** What a server grants its peers. */
const httpBounds = (bodySize: string): Readonly<Record<string, Flag>> => ({
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
const supervised: Flag = { help: "Started by `meseta up`.", hidden: true };

/** The commands that start processes of the cluster; everything else is in the shell. */
export const UP: DaemonCommand = {
  name: "up",
  summary: "Starts a cluster on this machine and keeps it running until Ctrl-C; a second `up` shows the first.",
  example: "meseta up --agents 5 --dir ~/cluster",
  flags: {
    dir: dir(root),
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

export const DOWN: DaemonCommand = {
  name: "down",
  summary: "Ends the cluster of a directory with its tasks; --wipe also removes the directory.",
  example: "meseta down --wipe --dir ~/cluster",
  flags: { dir: dir(root), wipe: { help: "Removes ids, history and sandboxes as well." } },
};

export const MASTER: DaemonCommand = {
  name: "master",
  summary: "Runs a master: it offers the agents' resources to frameworks, and keeps track of their tasks.",
  example: "meseta master --port 5050 --dir /var/lib/meseta/master",
  flags: {
    port: { value: "PORT", default: "5050", help: "The port to listen on." },
    ip,
    insecure,
    "host-names": hostNames,
    dir: dir(join(root, "master")),
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

export const AGENT: DaemonCommand = {
  name: "agent",
  summary: "Runs an agent: it offers this machine's resources to a master, and runs tasks.",
  example: "meseta agent --master http://10.0.0.1:5050 --attributes 'rack:a;zone:b'",
  flags: {
    master: { value: "URLS", default: "http://127.0.0.1:5050", help: "The master, or several with commas." },
    port: { value: "PORT", default: "5051", help: "The port to listen on." },
    ip,
    insecure,
    "host-names": hostNames,
    dir: dir(join(root, "agent")),
    resources: { value: "R", help: "What to offer: 'cpus:4;mem:2048;ports:[31000-32000]' (default: detected)." },
    reserved: { value: "R", help: "What to hold back for the host: 'cpus:1;mem:512'." },
    attributes: { value: "A", help: "What this machine is: 'rack:a;zone:b'." },
    hostname: { value: "NAME", help: "The name that clients are told (default: this machine's)." },
    "advertise-ip": { value: "IP", help: "The address that clients are told (default: --ip)." },
    "advertise-port": { value: "PORT", help: "The port that clients are told (default: --port)." },
    domain: { value: "REGION/ZONE", help: "Where this agent stands." },
    "root-tasks": { help: "Tasks may run as root." },
    cgroups: {
      value: "MODE",
      default: "auto",
      help: "auto: limits by cgroups where the machine allows it; off: none.",
    },
    runtime: {
      value: "NAME",
      default: "auto",
      help: "What makes containers: crun, runc, auto (crun where it works, else runc), or none.",
    },
    "docker-registry": {
      value: "URL",
      help: "Where images without a registry in their name come from: a URL, or a folder of archives (default: Docker Hub).",
    },
    "docker-config": { value: "FILE", help: "A Docker config file with credentials for registries, or its text." },
    "docker-store-dir": { value: "DIR", help: "Where images are kept (default: images in --dir)." },
    "image-backend": {
      value: "NAME",
      default: "overlay",
      help: "How roots are made of layers: overlay, or copy where overlayfs cannot be.",
    },
    "network-cni-config-dir": {
      value: "DIR",
      help: "Network configurations that containers can join (default: one network, meseta).",
    },
    "network-cni-plugins-dir": { value: "DIR", default: "/usr/lib/cni", help: "Where the network plugins lie." },
    "seccomp-config-dir": { value: "DIR", help: "Seccomp profiles that tasks can name." },
    "allow-privileged": { help: "Tasks may ask for privileged containers, and for rights beyond the default." },
    "allow-host-namespaces": { help: "Tasks may share the agent's pid and IPC namespaces." },
    "allowed-devices": { value: "LIST", help: "Devices that containers may ask for: /dev/kvm,/dev/fuse." },
    "user-namespaces": {
      value: "MODE",
      default: "root",
      help: "Containers whose root is not the machine's: root (those that would be root and may not), always, or never.",
    },
    "user-namespace-ids": {
      value: "FIRST:COUNT",
      default: "100000:65536",
      help: "The machine's user and group ids that stand for those inside.",
    },
    "sandbox-directory": {
      value: "PATH",
      default: "/mnt/mesos/sandbox",
      help: "Where a container with an image sees its sandbox.",
    },
    "registration-backoff-factor": {
      value: "DURATION",
      default: "250ms",
      help: "An agent that finds no master tries again after a random part of this, which doubles, up to 5 s.",
    },
    "max-tasks": {
      value: "N",
      default: "10000",
      help: "How many tasks there may be here, with those whose end is not acknowledged.",
    },
    "max-completed-executors-per-framework": {
      value: "N",
      default: "150",
      help: "How many ended executors of each framework are remembered.",
    },
    ...httpBounds("32MB"),
    "executor-registration-timeout": {
      value: "DURATION",
      default: "1mins",
      help: "How long an executor may take to subscribe.",
    },
    "executor-reregistration-timeout": {
      value: "DURATION",
      default: "2secs",
      help: "How long one may take after the agent came back.",
    },
    "executor-shutdown-grace-period": {
      value: "DURATION",
      default: "5secs",
      help: "How long one may take to end before it is killed.",
    },
    "recovery-timeout": {
      value: "DURATION",
      default: "15mins",
      help: "How long executors wait for an agent that is away.",
    },
    "gc-delay": {
      value: "DURATION",
      default: "1weeks",
      help: "How long old sandboxes are kept; less when the disk fills.",
    },
    "enforce-container-disk-quota": { help: "Ends tasks that use more disk than they were granted." },
    "container-disk-watch-interval": {
      value: "DURATION",
      default: "15secs",
      help: "How often the disk use of such tasks is measured.",
    },
    "frameworks-home": {
      value: "DIR",
      help: "Where relative paths in the URIs of tasks begin (default: they are refused).",
    },
    "fetcher-cache-dir": { value: "DIR", help: "Where fetched files are cached (default: fetch in --dir)." },
    "fetcher-cache-size": { value: "BYTES", default: "2GB", help: "How much is cached of what tasks have fetched." },
    "fetcher-stall-timeout": {
      value: "DURATION",
      default: "1mins",
      help: "How long a server may send nothing before a fetch from it fails.",
    },
    "download-least-rate": {
      value: "BYTES",
      default: "1KB",
      help: "What servers of files and images must send in a second, on average over the window; 0B: whatever they send.",
    },
    "download-window": {
      value: "DURATION",
      default: "1mins",
      help: "Over which that is measured. A slower fetch fails; a pull waits for another turn, three in all.",
    },
    "log-file": logFile,
    "log-level": logLevel,
    supervised,
  },
};

export const INIT: DaemonCommand = {
  name: "init",
  summary: "Runs an init: it keeps apps and pods running, by Marathon's API. Several can share a cluster.",
  example: "meseta init --master http://10.0.0.1:5050 --name marathon --dir /var/lib/meseta/init",
  flags: {
    master: { value: "URLS", default: "http://127.0.0.1:5050", help: "The master, or several with commas." },
    port: { value: "PORT", default: "8080", help: "The port to listen on." },
    ip,
    insecure,
    "host-names": hostNames,
    dir: dir(join(root, "init")),
    store,
    ...ETCD_FLAGS,
    name: { value: "NAME", default: "marathon", help: "The framework's name; each init of a cluster has its own." },
    role: { value: "ROLE", default: "*", help: "The role of services that name none." },
    hostname: { value: "NAME", help: "The name that clients and the master are told (default: the address)." },
    user: { value: "NAME", help: "Whom tasks run as that name nobody (default: who runs this)." },
    principal: { value: "NAME", help: "What reservations and volumes are made in the name of." },
    "webui-url": { value: "URL", help: "What the master links to (default: this server)." },
    "failover-timeout": {
      value: "DURATION",
      default: "1weeks",
      help: "How long the master keeps the tasks while no init is there.",
    },
    "enable-features": {
      value: "LIST",
      help: "With commas: external_volumes, gpu_resources, secrets, task_killing, vips.",
    },
    "default-network-name": { value: "NAME", help: "The container network of services that name none." },
    "bridge-name": { value: "NAME", default: "mesos-bridge", help: "The network that stands for bridge mode." },
    "env-vars-prefix": { value: "TEXT", help: "Put before HOST, PORT0 and the like in the environment of tasks." },
    "local-port-min": { value: "PORT", default: "10000", help: "The first service port that is given out." },
    "local-port-max": { value: "PORT", default: "20000", help: "The last one." },
    "new-group-enforce-role": {
      value: "WHICH",
      default: "off",
      help: "Whether services of a new top-level group have its name as role: off or top.",
    },
    "accepted-resource-roles-default-behavior": {
      value: "WHICH",
      default: "any",
      help: "What services use that say nothing of it: any, unreserved or reserved resources.",
    },
    "gpu-scheduling-behavior": {
      value: "WHICH",
      default: "restricted",
      help: "restricted: agents with GPUs run only what needs them; or unrestricted.",
    },
    "maintenance-mode": {
      help: "Starts nothing on agents whose maintenance is near, and moves services away from them.",
    },
    "draining-time": { value: "DURATION", default: "0secs", help: "How near." },
    "max-instances-per-offer": { value: "N", help: "How many instances one offer may take (default: any number)." },
    "decline-offer-duration": {
      value: "DURATION",
      default: "2mins",
      help: "How long resources that nothing wanted are not offered again, unless something new waits.",
    },
    "max-apps": { value: "N", default: "100000", help: "How many apps and pods there may be." },
    "max-running-deployments": { value: "N", default: "100", help: "How many deployments may run at a time." },
    "max-versions": { value: "N", default: "50", help: "How many versions can be gone back to." },
    "task-launch-confirm-timeout": {
      value: "DURATION",
      default: "5mins",
      help: "How long a launch may go unconfirmed before it is tried anew.",
    },
    "task-launch-timeout": { value: "DURATION", default: "5mins", help: "How long a task may take to run." },
    "task-reservation-timeout": { value: "DURATION", default: "20secs", help: "How long a reservation may take." },
    "kill-chunk-size": { value: "N", default: "100", help: "How many instances are being killed at a time." },
    "kill-retry-timeout": { value: "DURATION", default: "30secs", help: "When a kill is asked for again." },
    "reconciliation-initial-delay": {
      value: "DURATION",
      default: "15secs",
      help: "When the master is first asked what runs.",
    },
    "reconciliation-interval": { value: "DURATION", default: "10mins", help: "How often after that." },
    "http-credentials": { value: "USER:PASSWORD", help: "Who may call; everybody without them." },
    "http-max-concurrent-requests": { value: "N", help: "More are refused with 503 (default: any number)." },
    "access-control-allow-origin": { value: "LIST", help: "Origins whose pages may call, with commas; * for any." },
    ...httpBounds("32MB"),
    "event-stream-max-outstanding-messages": {
      value: "N",
      default: "1024",
      help: "A reader of events that takes nothing while more wait is cut off.",
    },
    "log-file": logFile,
    "log-level": logLevel,
    supervised,
  },
};

export const CRON: DaemonCommand = {
  name: "cron",
  summary: "Runs a cron: it runs jobs on time, by Chronos' and Metronome's APIs. Several can share a cluster.",
  example: "meseta cron --master http://10.0.0.1:5050 --name chronos --dir /var/lib/meseta/cron",
  flags: {
    master: { value: "URLS", default: "http://127.0.0.1:5050", help: "The master, or several with commas." },
    port: { value: "PORT", default: "4400", help: "The port of Chronos' API." },
    "metronome-port": { value: "PORT", default: "9000", help: "The port of Metronome's API." },
    ip,
    insecure,
    "host-names": hostNames,
    dir: dir(join(root, "cron")),
    store,
    ...ETCD_FLAGS,
    name: { value: "NAME", default: "chronos", help: "The framework's name; each cron of a cluster has its own." },
    role: { value: "ROLE", default: "*", help: "The role of all jobs." },
    hostname: { value: "NAME", help: "The name that clients and the master are told (default: the address)." },
    user: { value: "NAME", help: "Whom jobs run as that name nobody (default: who runs this)." },
    principal: { value: "NAME", help: "What the framework is registered in the name of." },
    "webui-url": { value: "URL", help: "What the master links to (default: Chronos' API)." },
    "failover-timeout": {
      value: "DURATION",
      default: "1weeks",
      help: "How long the master keeps the tasks while no cron is there.",
    },
    "task-cpu": { value: "CPUS", default: "0.1", help: "What a Chronos job gets that asks for 0." },
    "task-mem": { value: "MIB", default: "128", help: "The same of memory." },
    "task-disk": { value: "MIB", default: "256", help: "The same of disk." },
    "bridge-name": { value: "NAME", default: "mesos-bridge", help: "The network that stands for bridge mode." },
    "failure-retry": {
      value: "DURATION",
      default: "1mins",
      help: "How long a Chronos job rests between a failure and its next attempt.",
    },
    "disable-after-failures": {
      value: "N",
      default: "0",
      help: "So many failed runs in a row disable a Chronos job; 0: none do.",
    },
    "max-caught-up-runs": {
      value: "N",
      default: "100",
      help: "How many missed firings of one schedule are made up for, where its job wants each.",
    },
    "max-jobs": { value: "N", default: "500000", help: "How many jobs there may be." },
    "max-runs-per-job": {
      value: "N",
      default: "1000",
      help: "How many runs of one job may be under way; firings beyond are dropped.",
    },
    "history-per-job": {
      value: "N",
      default: "1000",
      help: "How many runs that succeeded, and that failed, are kept of each job.",
    },
    history: { value: "N", default: "200000", help: "How many ended runs are kept of all jobs." },
    "offers-ahead": {
      value: "DURATION",
      default: "500ms",
      help: "How long before a firing offers are asked for.",
    },
    "decline-offer-duration": {
      value: "DURATION",
      default: "2mins",
      help: "How long resources that nothing wanted are not offered again, unless something new waits.",
    },
    "task-launch-confirm-timeout": {
      value: "DURATION",
      default: "1mins",
      help: "How long a launch may go without a word before the master is asked, and it is tried anew.",
    },
    "unreachable-timeout": {
      value: "DURATION",
      default: "5mins",
      help: "How long a task may be unreachable before it counts as lost.",
    },
    "kill-retry-timeout": { value: "DURATION", default: "10secs", help: "When a kill is asked for again." },
    "reconciliation-initial-delay": {
      value: "DURATION",
      default: "15secs",
      help: "When the master is first asked what runs.",
    },
    "reconciliation-interval": { value: "DURATION", default: "10mins", help: "How often after that." },
    "http-credentials": { value: "USER:PASSWORD", help: "Who may call; everybody without them." },
    "access-control-allow-origin": {
      value: "LIST",
      default: "*",
      help: "Origins whose pages may call, with commas; with * those of others may read.",
    },
    ...httpBounds("1MB"),
    "http-notification-url": { value: "URL", help: "Where failures are POSTed to as JSON." },
    "http-notification-credentials": { value: "USER:PASSWORD", help: "With these." },
    "slack-url": { value: "URL", help: "An incoming webhook of Slack that is told of failures." },
    "mattermost-url": { value: "URL", help: "The same of Mattermost." },
    "mail-server": { value: "HOST:PORT", help: "The server that mails failures to the owners of jobs." },
    "mail-user": { value: "NAME", help: "As whom to log in there." },
    "mail-password": { value: "PASSWORD", help: "Better given as MESETA_MAIL_PASSWORD: others see command lines." },
    "mail-from": { value: "ADDRESS", help: "Whom mails come from (default: --mail-user)." },
    "mail-ssl": { help: "The server speaks TLS from the first byte." },
    "log-file": logFile,
    "log-level": logLevel,
    supervised,
  },
};
