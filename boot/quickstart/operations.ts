import type {
  CommandInfo,
  ContainerInfo,
  Environment,
  Offer,
  OfferOperation,
  Resource,
  TaskInfo,
} from "@meseta/api/mesos/generated/mesos.ts";
import { type Chosen, POD_EXECUTOR, type Running, VOLUME_ID, VOLUME_MIB } from "./plan.ts";

/** What the pod runs in: containers of an image, in a network of their own where there is one, or plain processes. */
export type PodForm = { readonly image: string; readonly network: string | undefined } | "plain";

export interface Setting {
  readonly offer: Offer;
  /** The folder of the quickstart's programs. */
  readonly folder: string;
  readonly role: string;
  readonly pod: PodForm;
}

/** The operations of one ACCEPT that launch what was chosen; every task has its id by now. */
export function operationsOf(chosen: readonly Chosen[], setting: Setting): OfferOperation[] {
  const volumes = chosen.some(({ newVolume }) => newVolume) ? makeVolume(setting.role) : [];
  const alone = chosen.filter(({ tasks }) => tasks[0]!.kind !== "pod");
  const pods = chosen.filter(({ tasks }) => tasks[0]!.kind === "pod");
  const task_infos = alone.map(({ tasks, port }) => taskInfo(tasks[0]!, port, setting));
  return [
    ...volumes,
    ...(task_infos.length > 0 ? [{ type: "LAUNCH" as const, launch: { task_infos } }] : []),
    ...pods.map(({ tasks, port }) => launchPod(tasks, port!, setting)),
  ];
}

/** Port that the pod's server has inside a network of its own. */
const POD_PORT = 8080;

function makeVolume(role: string): OfferOperation[] {
  const { disk, ...reserved } = volumeOf(role);
  return [
    { type: "RESERVE", reserve: { resources: [reserved] } },
    { type: "CREATE", create: { volumes: [{ ...reserved, disk }] } },
  ];
}

function volumeOf(role: string): Resource {
  return {
    ...scalar("disk", VOLUME_MIB),
    reservations: [{ type: "DYNAMIC", role }],
    disk: { persistence: { id: VOLUME_ID }, volume: { mode: "RW", container_path: "data" } },
  };
}

function taskInfo(task: Running, port: number | undefined, { offer, folder, role }: Setting): TaskInfo {
  const resources = [scalar("cpus", task.cpus), scalar("mem", task.memMiB), ...portsOf(port)];
  if (task.kind === "counter") resources.push(volumeOf(role));
  const program = `${folder}/${task.kind}.mjs`;
  return {
    name: task.name,
    task_id: { value: task.taskId! },
    agent_id: offer.agent_id,
    resources,
    command: port === undefined ? jobCommand(task, folder) : nodeCommand(program, task, port),
    ...(port !== undefined && discovered(task, port)),
  };
}

/** A server and its sidecar, which share a folder of the sandbox that lies around theirs, and their network. */
function launchPod(tasks: readonly Running[], port: number, setting: Setting): OfferOperation {
  const { offer, pod } = setting;
  const [page, clock] = tasks as [Running, Running];
  const network = pod === "plain" ? undefined : pod.network;
  const listens = network === undefined ? port : POD_PORT;
  const container = podContainer(pod);
  const member = (task: Running, command: CommandInfo): TaskInfo => ({
    name: task.name,
    task_id: { value: task.taskId! },
    agent_id: offer.agent_id,
    resources: [scalar("cpus", task.cpus), scalar("mem", task.memMiB), ...(task === page ? portsOf(port) : [])],
    command,
    container,
  });
  return {
    type: "LAUNCH_GROUP",
    launch_group: {
      executor: {
        type: "DEFAULT",
        executor_id: { value: `pod.${page.taskId}` },
        resources: [
          scalar("cpus", POD_EXECUTOR.cpus),
          scalar("mem", POD_EXECUTOR.memMiB),
          scalar("disk", POD_EXECUTOR.diskMiB),
        ],
        ...(network !== undefined && { container: { type: "MESOS" as const, network_infos: [{ name: network }] } }),
      },
      task_group: {
        tasks: [
          { ...member(page, pageCommand(page, listens, setting)), ...discovered(page, listens) },
          member(clock, clockCommand(setting)),
        ],
      },
    },
  };
}

function podContainer(pod: PodForm): ContainerInfo {
  const image = pod === "plain" ? undefined : { type: "DOCKER" as const, docker: { name: pod.image } };
  return {
    type: "MESOS",
    ...(image && { mesos: { image } }),
    volumes: [
      {
        mode: "RW",
        container_path: image ? "/shared" : "shared",
        source: { type: "SANDBOX_PATH", sandbox_path: { type: "PARENT", path: "shared" } },
      },
    ],
  };
}

function pageCommand(page: Running, port: number, { pod, folder }: Setting): CommandInfo {
  if (pod === "plain") return nodeCommand(`${folder}/page.mjs`, page, port, "shared");
  const address = pod.network === undefined ? `127.0.0.1:${port}` : String(port);
  return { shell: false, value: "/bin/httpd", arguments: ["httpd", "-f", "-p", address, "-h", "/shared"] };
}

function clockCommand({ pod, folder }: Setting): CommandInfo {
  return pod === "plain"
    ? { shell: false, value: "/bin/sh", arguments: ["sh", `${folder}/clock.sh`, "shared"] }
    : { shell: false, value: "/bin/sh", arguments: ["sh", "/clock.sh", "/shared"] };
}

function nodeCommand(program: string, task: Running, port: number, ...more: string[]): CommandInfo {
  const environment: Environment = {
    variables: [
      { name: "PORT", value: String(port) },
      { name: "MESOS_TASK_ID", value: task.taskId! },
    ],
  };
  return { shell: false, value: process.execPath, arguments: ["node", program, ...more], environment };
}

function jobCommand(task: Running, folder: string): CommandInfo {
  const share = task.name.replace("job-", "");
  return { shell: true, value: `sleep 0.${share.length}; exec '${folder}/word-count.sh' ${share}` };
}

function discovered({ name }: Running, number: number): Pick<TaskInfo, "discovery"> {
  return { discovery: { visibility: "CLUSTER", name, ports: { ports: [{ number, protocol: "tcp" }] } } };
}

const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });

function portsOf(port: number | undefined): Resource[] {
  if (port === undefined) return [];
  return [{ name: "ports", type: "RANGES", ranges: { range: [{ begin: port, end: port }] } }];
}
