// A framework of one task with a persistent volume: counts its starts in a file there. The first run reserves disk, makes the volume
// and launches in one ACCEPT; later ones find it and launch. `--destroy` erases it. Prints the id of the task when it has finished.
import { userInfo } from "node:os";
import type { Offer, OfferOperation, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";

const role = "volume-example";
const masters = (process.env["MESETA_MASTER"] ?? "http://127.0.0.1:5050").split(",");
const destroy = process.argv.includes("--destroy");
/** An offer of another agent says nothing of where the volume is: it is looked for this long before it is made. */
const LOOK_MS = 1_000;

const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });
const disk: Resource = { ...scalar("disk", 32), reservations: [{ type: "DYNAMIC", role }] };
const volume: Resource = {
  ...disk,
  disk: { persistence: { id: "count" }, volume: { mode: "RW", container_path: "data" } },
};
const taskId = `count.${process.pid}`;
const client = connectScheduler(
  { masters },
  {
    framework: {
      user: userInfo().username,
      name: role,
      roles: [role],
      capabilities: [{ type: "MULTI_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
    },
  },
);
const began = Date.now();
let launched = false;

for await (const event of client.events()) {
  if (event.type === "OFFERS") for (const offer of event.offers!.offers ?? []) use(offer);
  if (event.type !== "UPDATE") continue;
  const { status } = event.update!;
  if (!isTerminal(status.state)) continue;
  console.log(status.state === "TASK_FINISHED" ? taskId : `${status.state}: ${status.message}`);
  process.exitCode = status.state === "TASK_FINISHED" ? 0 : 1;
  await client.call({ type: "TEARDOWN" });
  break;
}

function use(offer: Offer): void {
  const found = (offer.resources ?? []).some((resource) => resource.disk?.persistence?.id === "count");
  if (launched || (!found && (destroy || Date.now() - began < LOOK_MS)))
    return void client.decline([offer.id], { refuse_seconds: 0.5 }).catch(() => {});
  launched = true;
  void client.accept([offer.id], [...(found ? [] : make()), launch(offer), ...(destroy ? erase() : [])]);
}

function make(): OfferOperation[] {
  return [
    { type: "RESERVE", reserve: { resources: [disk] } },
    { type: "CREATE", create: { volumes: [volume] } },
  ];
}

function launch({ agent_id }: Offer): OfferOperation {
  const command = 'echo $(($(cat data/starts 2>/dev/null) + 1)) >data/starts; echo "this is start $(cat data/starts)"';
  const task = {
    name: "count",
    task_id: { value: taskId },
    agent_id,
    resources: [scalar("cpus", 0.1), scalar("mem", 32), ...(destroy ? [] : [volume])],
    command: { shell: true, value: destroy ? "echo the volume is erased" : command },
  };
  return { type: "LAUNCH", launch: { task_infos: [task] } };
}

function erase(): OfferOperation[] {
  return [
    { type: "DESTROY", destroy: { volumes: [volume] } },
    { type: "UNRESERVE", unreserve: { resources: [disk] } },
  ];
}
