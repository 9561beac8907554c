import type { SimAgent } from "../world/agent.ts";
import type { Deeds } from "./chapter.ts";
import { milliseconds, type Stage } from "./stage.ts";

/** What goes wrong in a story, and for how long. */
export function faultDeeds(stage: Stage): Deeds {
  return {
    kill: (_, name, duration) => kill(stage, name, duration),
    "power-off": (_, name, duration) => powerOff(stage, name, duration),
    partition: (_, name, duration) => partition(stage, name, duration),
    "kill-launcher": (_, name, duration) => killLauncher(stage, name, duration),
    "kill-leader": (_, duration) => hitLeader(stage, "kill-leader", duration),
    "stop-leader": (_, duration) => hitLeader(stage, "stop-leader", duration),
    "cut-leader": (_, duration) => hitLeader(stage, "cut-leader", duration),
    "etcd-down": (_, duration) => etcdDown(stage, duration),
    succeed: (_, duration) => succeed(stage, duration),
    "fill-disk": (_, name, duration) => fillDisk(stage, name, duration),
  };
}

/** A master, agent or framework; without a duration it stays dead. */
function kill(stage: Stage, name: string, duration: string | undefined): void {
  const { master, agents } = stage.cluster;
  const ours = [master, ...agents, ...stage.chapters.map(({ framework }) => framework)];
  const process = ours.find(({ place }) => place === name) ?? schedulerOf(stage, name)!;
  process.kill();
  if (duration === undefined) return stage.say(`${name} killed`);
  stage.forAWhile(duration, `${name} killed`, () => process.start(), `${name} started again`);
}

function powerOff(stage: Stage, name: string, duration: string): void {
  const agent = agentOf(stage, name);
  agent.powerOff();
  stage.forAWhile(duration, `${name} lost power`, () => agent.start(), `${name} started again`);
}

function partition(stage: Stage, name: string, duration: string): void {
  const place = schedulerOf(stage, name)?.place ?? name;
  const { network } = stage.cluster;
  network.partition(place, "master");
  stage.forAWhile(duration, `${name} cut off`, () => network.heal(place, "master"), `${name} reachable again`);
}

function killLauncher(stage: Stage, name: string, duration: string): void {
  const { machine } = agentOf(stage, name);
  machine.killLauncher();
  const started = `launcher of ${name} started again`;
  stage.forAWhile(duration, `launcher of ${name} killed`, () => machine.startLauncher(), started);
}

const LEADER = {
  "kill-leader": { begun: "killed", ended: "started again" },
  "stop-leader": { begun: "stopped", ended: "goes on" },
  "cut-leader": { begun: "cut off from etcd", ended: "reaches etcd again" },
};

/** Of several masters, who leads now is killed, stopped, or cut off from etcd. */
function hitLeader(stage: Stage, how: keyof typeof LEADER, duration: string): void {
  const { master, network } = stage.cluster;
  const leader = master.leader!;
  if (how === "kill-leader") leader.kill();
  else if (how === "stop-leader") leader.pause();
  else network.partition(leader.place, "etcd");
  const heal = () => {
    network.heal(leader.place, "etcd");
    leader.resume();
    leader.start();
  };
  const { begun, ended } = LEADER[how];
  stage.forAWhile(duration, `${leader.place}, which leads, ${begun}`, heal, `${leader.place} ${ended}`);
}

function etcdDown(stage: Stage, duration: string): void {
  const etcd = stage.cluster.etcd!;
  for (const member of etcd.members) etcd.kill(member);
  const back = () => {
    for (const member of etcd.members) etcd.start(member);
  };
  stage.forAWhile(duration, "etcd is gone", back, "etcd is back");
}

/** Another master takes over while this one is stopped, with an operator's call on its way; later the old one goes on. */
function succeed(stage: Stage, duration: string): void {
  const { master, world } = stage.cluster;
  master.pause();
  void master.operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "late", weight: 7 }] } });
  const goOn = master.succeed();
  stage.forAWhile(duration, "master stopped and succeeded", goOn, "the old master goes on");
  world.after(milliseconds(duration) + 100, () => {
    const weight = master.core!.state.weights.get("late") ?? "not there";
    const refused = `writes of the old master that were refused: ${master.refusedWrites}`;
    stage.say(`${refused}; what it was asked for is ${weight}`);
  });
}

function fillDisk(stage: Stage, name: string, duration: string): void {
  const { disk } = name === "master" ? stage.cluster.master : agentOf(stage, name);
  disk.full = true;
  const empty = () => void (disk.full = false);
  stage.forAWhile(duration, `disk of ${name} full`, empty, `disk of ${name} has room again`);
}

function agentOf({ cluster }: Stage, name: string): SimAgent {
  return cluster.agents.find(({ place }) => place === name)!;
}

/** Of a framework of the story's own. */
function schedulerOf({ cluster }: Stage, name: string) {
  return cluster.schedulers.find(({ workload }) => workload.name === name);
}
