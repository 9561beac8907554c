import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { createRandom } from "@meseta/lib/core/random.ts";
import { asFailure } from "../as-failure.ts";
import { Failure } from "../core/failure.ts";
import { friendlyNames } from "../core/friendly.ts";
import { type ContainerOptions, containerOf, imageCommand, type RunContainer } from "../core/run/container.ts";
import { CLUSTER_FAILED, NOT_FOUND, NOT_RUNNABLE } from "../core/run/exit-code.ts";
import { commandOf, idOf, nameOf, readGroup, type Wish } from "../core/run/wish.ts";
import { splitPair } from "../core/values.ts";
import { type Invocation, words } from "../invocation.ts";
import { windowSize } from "../io/keyboard.ts";
import { readNamed } from "../io/read-file.ts";
import { RunSession } from "../io/run-session.ts";

const OWN_CODES: readonly number[] = [CLUSTER_FAILED, NOT_RUNNABLE, NOT_FOUND];

/** The cluster's failures are 125 here, so that they cannot be taken for the task's own codes. */
export async function run(invocation: Invocation): Promise<number> {
  const wish = wishOf(invocation);
  try {
    return await new RunSession(invocation, wish).run();
  } catch (error) {
    const failure = asFailure(error, ["run"]);
    throw OWN_CODES.includes(failure.exit) ? failure : failure.withExit(CLUSTER_FAILED);
  }
}

function wishOf(invocation: Invocation): Wish {
  const { flags } = invocation;
  const command = words(invocation, "command");
  const file = flags.text("task-group");
  const image = flags.text("image");
  if ((command.length === 0 && image === undefined) === (file === undefined)) {
    const why = "give either a command, or an --image, or --task-group FILE";
    throw new Failure("usage", { message: "it is not clear what to run", why, help: "meseta run --help" });
  }
  const group = file === undefined ? undefined : groupIn(file);
  const name = flags.text("name") ?? nameOf(command.length === 0 && image !== undefined ? [imageName(image)] : command);
  const random = createRandom(randomBytes(4).readInt32LE());
  const count = group?.tasks?.length ?? flags.number("instances")!;
  const { container, publish } = containerWanted(invocation, count, group !== undefined);
  const env = flags.list("env").map(splitPair);
  const user = flags.text("user");
  const scalars = {
    cpus: flags.number("cpus")!,
    mem: flags.number("mem")!,
    disk: flags.number("disk")!,
    gpus: flags.number("gpus")!,
  };
  return {
    name,
    user: (image === undefined ? user : undefined) ?? userInfo().username,
    role: flags.text("role")!,
    taskIds: friendlyNames(random, count).map((friendly, i) => `${idOf(group?.tasks?.[i]?.name ?? name)}.${friendly}`),
    each: {
      scalars: wanted(scalars),
      ports: (flags.number("ports") ?? 0) + publish.filter(({ hostPort }) => hostPort === undefined).length,
      namedPorts: publish.flatMap(({ hostPort }) => hostPort ?? []),
    },
    command: image === undefined ? commandOf(command, env) : imageCommand(command, env, user),
    container,
    publish,
    interactive: flags.on("interactive"),
    group,
  };
}

function containerWanted({ flags }: Invocation, count: number, isGroup: boolean): RunContainer {
  const tty = flags.on("tty");
  if (flags.on("interactive")) checkInteractive(tty, count, isGroup);
  const config = flags.text("docker-config");
  const options: ContainerOptions = {
    image: flags.text("image"),
    pull: flags.on("pull"),
    credentials: config === undefined ? undefined : readNamed(config, "run").toString("base64"),
    volumes: flags.list("volume"),
    networks: flags.list("network"),
    publish: flags.list("publish"),
    privileged: flags.on("privileged"),
    capAdd: flags.list("cap-add"),
    capDrop: flags.list("cap-drop"),
    workdir: flags.text("workdir"),
    entrypoint: flags.text("entrypoint"),
    shmMiB: flags.number("shm-size"),
    readOnly: flags.on("read-only"),
    window: tty ? (windowSize() ?? { rows: 24, columns: 80 }) : undefined,
  };
  if (isGroup) checkGroup(options);
  return containerOf(options);
}

/** What is said of a container in flags is said of each task in the file; the network alone belongs to all of them. */
function checkGroup({ volumes, shmMiB, window, pull, networks, publish }: ContainerOptions): void {
  const wanted: readonly (readonly [boolean, string])[] = [
    [volumes.length > 0, "--volume"],
    [shmMiB !== undefined, "--shm-size"],
    [window !== undefined, "--tty"],
    [pull, "--pull"],
    [networks.some((name) => name === "none" || name === "host"), "--network none or host"],
    [publish.length > 0 && networks.length === 0, "--publish without --network"],
  ];
  const [, flag] = wanted.find(([isWanted]) => isWanted) ?? [];
  if (flag === undefined) return;
  const why =
    "what each task's container is stands in the file; flags can give the group a network: --network NAME -p PORT";
  throw new Failure("usage", { message: `--task-group takes no ${flag}`, why, help: "meseta run --help" });
}

function checkInteractive(tty: boolean, count: number, isGroup: boolean): void {
  const why =
    count > 1 || isGroup
      ? "there can be one task only into which one types: leave out --instances and --task-group"
      : !tty
        ? "a task has an input only with a terminal: add -t; `meseta task exec -i` takes what is piped into it"
        : process.stdin.isTTY
          ? undefined
          : "stdin is no terminal here";
  if (why !== undefined) throw new Failure("usage", { message: "-i cannot be had so", why, help: "meseta run --help" });
}

/** "postgres" of "registry:5000/team/postgres:16". */
function imageName(image: string): string {
  return image.replace(/@.*$/, "").split("/").at(-1)!.replace(/:.*$/, "");
}

function wanted(scalars: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(scalars).filter(([, value]) => value > 0));
}

function groupIn(file: string): Wish["group"] {
  const read = readGroup(readNamed(file, "run").toString());
  if ("error" in read) throw new Failure("bad-file", { file, why: read.error, command: "run" });
  return read.group;
}
