// What `run` is asked for beside the command, as the ContainerInfo that gives it. Images are of type MESOS as long as that can say
// all of it; what only Docker has words for makes a container of type DOCKER, which the same agents run.
import type {
  CommandInfo,
  ContainerInfo,
  ContainerInfoDockerInfo,
  NetworkInfoPortMapping,
  Parameter,
  TTYInfoWindowSize,
  Volume,
} from "@meseta/api/mesos/generated/mesos.ts";
import { Failure } from "../failure.ts";
import { commandOf, programOf } from "./wish.ts";

export interface ContainerOptions {
  readonly image: string | undefined;
  /** Asks the registry again even when the image is there. */
  readonly pull: boolean;
  /** Text of a Docker config file, in base64. */
  readonly credentials: string | undefined;
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  readonly publish: readonly string[];
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly workdir: string | undefined;
  readonly entrypoint: string | undefined;
  readonly shmMiB: number | undefined;
  readonly readOnly: boolean;
  readonly window: TTYInfoWindowSize | undefined;
}

/** A port of the container that is to be reached at one of its node: at this one, or at any that is free. */
export interface Publish {
  readonly hostPort: number | undefined;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

export interface RunContainer {
  /** Absent: a plain process. */
  readonly container: ContainerInfo | undefined;
  readonly publish: readonly Publish[];
}

/** Throws a Failure for words that are wrong, or do not go together. */
export function containerOf(options: ContainerOptions): RunContainer {
  const publish = options.publish.map(readPublish);
  const container = isDocker(options, publish) ? dockerContainer(options) : mesosContainer(options);
  if (publish.length > 0 && container?.network_infos === undefined && container?.docker?.network !== "BRIDGE")
    throw wrong("--publish needs a network", "add --network NAME; with --image alone it is the agent's bridge");
  return { container, publish };
}

/** The command of a container with an image: words are what its entrypoint is given, unless they are a shell's line. */
export function imageCommand(
  words: readonly string[],
  env: readonly (readonly [string, string])[],
  user: string | undefined,
): CommandInfo {
  const { value: _, ...program } = programOf(words, env);
  const isLine = program.shell !== false && words.length > 0;
  const command = isLine ? commandOf(words, env) : { ...program, shell: false };
  return { ...command, ...(user !== undefined && { user }) };
}

/** The same container with the ports in it that were found for it. */
export function withPorts(container: ContainerInfo | undefined, port_mappings: readonly NetworkInfoPortMapping[]) {
  if (container === undefined || port_mappings.length === 0) return container;
  if (container.docker?.network === "BRIDGE")
    return { ...container, docker: { ...container.docker, port_mappings: [...port_mappings] } };
  const [first, ...others] = container.network_infos!;
  return { ...container, network_infos: [{ ...first, port_mappings: [...port_mappings] }, ...others] };
}

function isDocker(options: ContainerOptions, publish: readonly Publish[]): boolean {
  const { image, networks, privileged, capAdd, capDrop, workdir, entrypoint, readOnly } = options;
  const wanted: readonly (readonly [boolean, string])[] = [
    [privileged, "--privileged"],
    [capAdd.length > 0, "--cap-add"],
    [capDrop.length > 0, "--cap-drop"],
    [workdir !== undefined, "--workdir"],
    [entrypoint !== undefined, "--entrypoint"],
    [readOnly, "--read-only"],
    [networks.includes("none"), "--network none"],
  ];
  const reasons = wanted.filter(([isWanted]) => isWanted).map(([, flag]) => flag);
  if (reasons.length > 0 && image === undefined)
    throw wrong(`${reasons[0]} needs an image`, "a command without --image is a plain process of its node");
  if (reasons.length > 0 && options.credentials !== undefined)
    throw wrong(
      `--docker-config and ${reasons[0]} do not go together`,
      "give the credentials to the agents instead, or leave the other out",
    );
  return reasons.length > 0 || (publish.length > 0 && networks.length === 0 && image !== undefined);
}

function mesosContainer(options: ContainerOptions): ContainerInfo | undefined {
  const { image, pull, credentials, networks, shmMiB, window } = options;
  const docker = { name: image!, ...(credentials !== undefined && { config: secret(credentials) }) };
  const volumes = options.volumes.map(readVolume);
  const named = networks.filter((name) => name !== "host");
  const container: ContainerInfo = {
    type: "MESOS",
    ...(image !== undefined && { mesos: { image: { type: "DOCKER", docker, ...(pull && { cached: false }) } } }),
    ...(volumes.length > 0 && { volumes }),
    ...(named.length > 0 && { network_infos: named.map((name) => ({ name })) }),
    ...(shmMiB !== undefined && { linux_info: { ipc_mode: "PRIVATE", shm_size: Math.ceil(shmMiB) } }),
    ...(window !== undefined && { tty_info: { window_size: window } }),
  };
  return Object.keys(container).length === 1 ? undefined : container;
}

function secret(data: string) {
  return { type: "VALUE" as const, value: { data } };
}

function dockerContainer(options: ContainerOptions): ContainerInfo {
  const { image, pull, privileged, networks, window } = options;
  const volumes = options.volumes.map(readVolume);
  const network = networkOf(options);
  const parameters = parametersOf(options);
  return {
    type: "DOCKER",
    docker: {
      image: image!,
      network,
      ...(privileged && { privileged }),
      ...(pull && { force_pull_image: true }),
      ...(parameters.length > 0 && { parameters }),
    },
    ...(volumes.length > 0 && { volumes }),
    ...(network === "USER" && { network_infos: networks.map((name) => ({ name })) }),
    ...(window !== undefined && { tty_info: { window_size: window } }),
  };
}

function networkOf({ networks, publish }: ContainerOptions): NonNullable<ContainerInfoDockerInfo["network"]> {
  const [first] = networks;
  if (first === undefined) return publish.length > 0 ? "BRIDGE" : "HOST";
  if (first !== "none" && first !== "host") return "USER";
  if (networks.length > 1) throw wrong(`--network ${first} stands alone`, "a container with it is in no other network");
  return first === "none" ? "NONE" : "HOST";
}

function parametersOf({ capAdd, capDrop, workdir, entrypoint, shmMiB, readOnly }: ContainerOptions): Parameter[] {
  return [
    ...capAdd.map((value) => ({ key: "cap-add", value })),
    ...capDrop.map((value) => ({ key: "cap-drop", value })),
    ...(workdir === undefined ? [] : [{ key: "workdir", value: workdir }]),
    ...(entrypoint === undefined ? [] : [{ key: "entrypoint", value: entrypoint }]),
    ...(shmMiB === undefined ? [] : [{ key: "shm-size", value: `${Math.ceil(shmMiB)}m` }]),
    ...(readOnly ? [{ key: "read-only", value: "true" }] : []),
  ];
}

/** "/on/the/node:/inside[:ro]"; a source without a slash at its beginning lies in the sandbox. */
function readVolume(text: string): Volume {
  const [host_path, container_path, mode = "rw", more] = text.split(":");
  if (!host_path || !container_path || more !== undefined || (mode !== "rw" && mode !== "ro"))
    throw wrong(`--volume ${text} is not understood`, "it takes /on/the/node:/inside, or /on/the/node:/inside:ro");
  return { mode: mode === "ro" ? "RO" : "RW", container_path, host_path };
}

/** "31080:80", "80" (any port of the node), both with "/udp" behind them. */
function readPublish(text: string): Publish {
  const parts = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(text);
  const [hostPort, containerPort] = [parts?.[1] === undefined ? undefined : Number(parts[1]), Number(parts?.[2])];
  if (parts === null || !isPort(hostPort ?? 1) || !isPort(containerPort))
    throw wrong(`--publish ${text} is not understood`, "it takes NODEPORT:PORT or PORT, with /udp where it is that");
  return { hostPort, containerPort, protocol: parts[3] === "udp" ? "udp" : "tcp" };
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function wrong(message: string, why: string): Failure {
  return new Failure("usage", { message, why, help: "meseta run --help" });
}
