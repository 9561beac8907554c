// Disks of all kinds that an agent is told of as JSON: volumes on them are made, used, grown, shrunk and given back on a live cluster.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { OfferOperation, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { meseta, RunningCluster } from "./local-cluster.ts";

const isRoot = process.getuid?.() === 0;
const none = process.env["CI"] !== "true" && !isRoot;

let cluster: RunningCluster;
let dir: string;
beforeAll(async () => {
  if (none) return;
  dir = mkdtempSync(join(tmpdir(), "meseta-disks-"));
  for (const name of ["path", "mount"]) mkdirSync(join(dir, name));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=50m", "tmpfs", join(dir, "mount")]);
  const resources = [
    scalar("cpus", 4),
    scalar("mem", 1024),
    scalar("disk", 1000),
    { ...scalar("disk", 500), disk: { source: { type: "PATH", path: { root: join(dir, "path") } } } },
    { ...scalar("disk", 50), disk: { source: { type: "MOUNT", mount: { root: join(dir, "mount") } } } },
  ];
  cluster = await RunningCluster.start(["--agents", "1", "--resources", JSON.stringify(resources)]);
});
afterAll(async () => {
  if (none) return;
  await cluster.remove();
  execFileSync("umount", [join(dir, "mount")]);
  rmSync(dir, { recursive: true });
});

const scalar = (name: string, value: number): Resource => ({ name, type: "SCALAR", scalar: { value } });
const kindOf = ({ disk }: Resource) => disk?.source?.type ?? "PLAIN";
const idOf = ({ disk }: Resource) => disk?.persistence?.id;
const kinds = ["PLAIN", "PATH", "MOUNT"] as const;
const fileOf = { PATH: "path/volumes/roles/v/PATH/file", MOUNT: "mount/file" } as const;

it.skipIf(none)(
  "volumes of all three are made with a task, keep its data, grow and shrink, and leave nothing when they go",
  async () => {
    await using disks = new Disks();
    const free = (kind: string, all: readonly Resource[]) =>
      all.find((one) => one.name === "disk" && kindOf(one) === kind && !idOf(one) && !one.reservations)!;
    const volume = (kind: string, all: readonly Resource[]) => all.find((one) => idOf(one) === kind)!;
    const sizes = (all: readonly Resource[]) => kinds.map((kind) => volume(kind, all)?.scalar?.value);
    const reserved = (one: Resource, value: number): Resource => ({
      ...one,
      scalar: { value },
      reservations: [{ type: "DYNAMIC", role: "v" }],
    });

    let offered = await disks.offered((all) => kinds.every((kind) => free(kind, all)));
    const made = kinds.map((kind): [Resource, Resource] => {
      const part = reserved(free(kind, offered), kind === "MOUNT" ? 50 : 100);
      const persistence = { id: kind };
      return [part, { ...part, disk: { ...part.disk, persistence, volume: { mode: "RW", container_path: kind } } }];
    });
    await disks.accept([
      ...made.flatMap(([part, made]): OfferOperation[] => [
        { type: "RESERVE", reserve: { resources: [part] } },
        { type: "CREATE", create: { volumes: [made] } },
      ]),
      disks.task(
        "for one in PLAIN PATH MOUNT; do echo $one >$one/file; done",
        made.map(([, volume]) => volume),
      ),
    ]);
    expect(await disks.ended()).toBe("TASK_FINISHED");
    for (const kind of ["PATH", "MOUNT"] as const)
      expect(readFileSync(join(dir, fileOf[kind]), "utf8")).toBe(`${kind}\n`);

    offered = await disks.offered(
      (all) => sizes(all).join() === "100,100,50" && !!free("PLAIN", all) && !!free("PATH", all),
    );
    await disks.accept(
      (["PLAIN", "PATH"] as const).flatMap((kind): OfferOperation[] => {
        const addition = reserved(free(kind, offered), 60);
        const grown = { volume: volume(kind, offered), addition };
        return [
          { type: "RESERVE", reserve: { resources: [addition] } },
          { type: "GROW_VOLUME", grow_volume: grown },
        ];
      }),
    );
    offered = await disks.offered((all) => sizes(all).join() === "160,160,50");
    await disks.accept(
      (["PLAIN", "PATH"] as const).map((kind) => ({
        type: "SHRINK_VOLUME",
        shrink_volume: { volume: volume(kind, offered), subtract: { value: 130 } },
      })),
    );
    offered = await disks.offered((all) => sizes(all).join() === "30,30,50");
    expect((await meseta(cluster, "volume", "list", "-q")).out.split("\n").sort()).toEqual([
      "",
      "MOUNT",
      "PATH",
      "PLAIN",
    ]);

    await disks.accept([
      disks.task(
        "cat PLAIN/file PATH/file MOUNT/file | tr -d '\\n' | grep -qx PLAINPATHMOUNT",
        kinds.map((kind) => volume(kind, offered)),
      ),
    ]);
    expect(await disks.ended()).toBe("TASK_FINISHED");
    offered = await disks.offered((all) => sizes(all).join() === "30,30,50");
    await disks.accept(kinds.map((kind) => ({ type: "DESTROY", destroy: { volumes: [volume(kind, offered)] } })));
    offered = await disks.offered((all) => all.filter((one) => one.reservations && !idOf(one)).length >= 3);
    await expect.poll(() => Object.values(fileOf).map((file) => existsSync(join(dir, file)))).toEqual([false, false]);
    expect(existsSync(join(dir, "mount"))).toBe(true);
  },
);

/** A framework that has its hands on all offers there are. */
class Disks implements AsyncDisposable {
  readonly #client = connectScheduler(
    { masters: cluster.ready.masters },
    {
      framework: {
        user: userInfo().username,
        name: "disks",
        roles: ["v"],
        capabilities: [{ type: "MULTI_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
      },
    },
  );
  readonly #events = this.#client.events()[Symbol.asyncIterator]();
  readonly #offers = new Map<string, { agent: string; resources: readonly Resource[] }>();
  #tasks = 0;

  /** All that is offered, once it is as wanted. */
  async offered(wanted: (all: readonly Resource[]) => boolean): Promise<readonly Resource[]> {
    const all = () => [...this.#offers.values()].flatMap(({ resources }) => resources);
    while (this.#offers.size === 0 || !wanted(all())) {
      const { offers, rescind } = (await this.#events.next()).value!;
      for (const { id, agent_id, resources = [] } of offers?.offers ?? [])
        this.#offers.set(id.value, { agent: agent_id.value, resources });
      if (rescind) this.#offers.delete(rescind.offer_id.value);
    }
    return all();
  }

  async accept(operations: readonly OfferOperation[]): Promise<void> {
    const ids = [...this.#offers.keys()].map((value) => ({ value }));
    this.#offers.clear();
    await this.#client.accept(ids, [...operations], { refuse_seconds: 0.05 });
  }

  task(value: string, volumes: readonly Resource[]): OfferOperation {
    const id = `t${this.#tasks++}`;
    const { agent } = [...this.#offers.values()][0]!;
    const own = [scalar("cpus", 0.1), scalar("mem", 32)].map((one) => ({ ...one, allocation_info: { role: "v" } }));
    const task = { name: id, task_id: { value: id }, agent_id: { value: agent }, command: { shell: true, value } };
    return { type: "LAUNCH", launch: { task_infos: [{ ...task, resources: [...own, ...volumes] }] } };
  }

  /** How the next task ends. */
  async ended(): Promise<string> {
    for (;;) {
      const { update, offers } = (await this.#events.next()).value!;
      for (const { id, agent_id, resources = [] } of offers?.offers ?? [])
        this.#offers.set(id.value, { agent: agent_id.value, resources });
      const state = update?.status.state ?? "";
      if (!["", "TASK_STARTING", "TASK_RUNNING"].includes(state)) return `${state}`;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.call({ type: "TEARDOWN" });
  }
}
