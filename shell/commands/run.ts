import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { createRandom } from "@meseta/lib/core/random.ts";
import { asFailure } from "../as-failure.ts";
import { Failure } from "../core/failure.ts";
import { friendlyNames } from "../core/friendly.ts";
import { CLUSTER_FAILED, NOT_RUNNABLE } from "../core/run/exit-code.ts";
import { commandOf, idOf, nameOf, readGroup, type Wish } from "../core/run/wish.ts";
import { splitPair } from "../core/values.ts";
import { type Invocation, words } from "../invocation.ts";
import { RunSession } from "../io/run-session.ts";

const OWN_CODES: readonly number[] = [CLUSTER_FAILED, NOT_RUNNABLE];

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
  if ((command.length === 0) === (file === undefined)) {
    const why = "give either a command or --task-group FILE";
    throw new Failure("usage", { message: "it is not clear what to run", why, help: "meseta run --help" });
  }
  const group = file === undefined ? undefined : groupIn(file);
  const name = flags.text("name") ?? nameOf(command);
  const random = createRandom(randomBytes(4).readInt32LE());
  const count = group?.tasks?.length ?? flags.number("instances")!;
  const scalars = {
    cpus: flags.number("cpus")!,
    mem: flags.number("mem")!,
    disk: flags.number("disk")!,
    gpus: flags.number("gpus")!,
  };
  return {
    name,
    user: flags.text("user") ?? userInfo().username,
    role: flags.text("role")!,
    taskIds: friendlyNames(random, count).map((friendly, i) => `${idOf(group?.tasks?.[i]?.name ?? name)}.${friendly}`),
    each: { scalars: wanted(scalars), ports: flags.number("ports") ?? 0 },
    command: commandOf(command, flags.list("env").map(splitPair)),
    group,
  };
}

function wanted(scalars: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(scalars).filter(([, value]) => value > 0));
}

function groupIn(file: string): Wish["group"] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure("bad-file", { file, why: (error as Error).message, command: "run" });
  }
  const read = readGroup(text);
  if ("error" in read) throw new Failure("bad-file", { file, why: read.error, command: "run" });
  return read.group;
}
