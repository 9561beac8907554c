import { randomUUID } from "node:crypto";
import type { CommandInfo, ContainerInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { agentUrl } from "@meseta/sdk/core/address.ts";
import { Failure } from "../core/failure.ts";
import { containerOf, imageCommand } from "../core/run/container.ts";
import { commandOf } from "../core/run/wish.ts";
import { splitPair } from "../core/values.ts";
import { type Invocation, word, words } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { readNamed } from "../io/read-file.ts";
import { readResources } from "../io/resources.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const command = commandWanted(invocation);
  const container = containerWanted(invocation);
  const resources = readResources(flags.text("resources")!);
  return withCluster(invocation, async (cluster) => {
    const id = randomUUID();
    const agent = cluster.agent(agentUrl(await cluster.node(word(invocation, "node"))));
    await agent.launchContainer({
      container_id: { value: id },
      command,
      resources,
      ...(container !== undefined && { container }),
    });
    terminal.out(`${id}\n`);
    terminal.err(`● running · wait for it: meseta container wait ${word(invocation, "node")} ${id.slice(0, 8)}\n`);
    return 0;
  });
}

function commandWanted(invocation: Invocation): CommandInfo {
  const { flags } = invocation;
  const [command, env, user] = [words(invocation, "command"), flags.list("env").map(splitPair), flags.text("user")];
  if (flags.text("image") !== undefined) return imageCommand(command, env, user);
  if (command.length === 0)
    throw new Failure("usage", {
      message: "nothing to run",
      why: "give a command, or an --image that names one",
      help: "meseta container launch --help",
    });
  return { ...commandOf(command, env), ...(user !== undefined && { user }) };
}

function containerWanted({ flags }: Invocation): ContainerInfo | undefined {
  const config = flags.text("docker-config");
  return containerOf({
    image: flags.text("image"),
    pull: flags.on("pull"),
    credentials: config === undefined ? undefined : readNamed(config, "container launch").toString("base64"),
    volumes: flags.list("volume"),
    networks: flags.list("network"),
    publish: [],
    privileged: false,
    capAdd: [],
    capDrop: [],
    workdir: undefined,
    entrypoint: undefined,
    shmMiB: undefined,
    readOnly: false,
    window: undefined,
  }).container;
}
