import type { InitState } from "@meseta/init/core/state.ts";
import type { SimInit } from "../world/init.ts";
import type { World } from "../world/world.ts";

/** What a service may be: so many instances of one command, or nothing. */
export type Wanted = `${number} of ${string}` | "gone";

/** People who ask init for apps, pods and groups, each once, and write down what was acknowledged, as Jepsen's clients do. */
export class People {
  /** Requests that were acknowledged, refused, and of which nobody knows. */
  readonly answers = { acknowledged: 0, refused: 0, unknown: 0 };
  readonly #init: SimInit;
  readonly #world: World;
  /** Of each service what it may be now: one thing, or several where an answer did not come. */
  readonly #wanted = new Map<string, Set<Wanted>>();
  #next = 1;

  constructor(init: SimInit, world: World) {
    this.#init = init;
    this.#world = world;
  }

  addApp(): void {
    const id = `/app-${this.#next++}`;
    const app = this.#app(id);
    this.#ask("POST", "/v2/apps", app, [[id, wantedOf(app)]]);
  }

  addPod(): void {
    const id = `/pod-${this.#next++}`;
    const [instances, command] = [this.#instances(), this.#command()];
    const body = {
      id,
      containers: [{ name: "main", exec: { command: { shell: command } }, resources: { cpus: 0.1, mem: 32 } }],
      networks: [{ mode: "host" }],
      scaling: { kind: "fixed", instances },
    };
    this.#ask("POST", "/v2/pods", body, [[id, `${instances} of ${command}`]]);
  }

  /** Two groups in one, of which one depends on the other. */
  addGroup(): void {
    const id = `/group-${this.#next++}`;
    const [db, web] = [this.#app(`${id}/db/app`), this.#app(`${id}/web/app`)];
    const groups = [
      { id: `${id}/db`, apps: [db] },
      { id: `${id}/web`, apps: [web], dependencies: [`${id}/db`] },
    ];
    this.#ask("POST", "/v2/groups", { id, groups }, [
      [db.id, wantedOf(db)],
      [web.id, wantedOf(web)],
    ]);
  }

  /** Another command and number of instances for one of those that are surely there. */
  update(): void {
    const id = this.#any();
    if (id === undefined) return;
    const app = this.#app(id);
    this.#ask("PUT", `/v2/apps${id}?force=true`, app, [[id, wantedOf(app)]]);
  }

  scale(): void {
    const id = this.#any();
    if (id === undefined) return;
    const [instances, command] = [this.#instances(), [...this.#wanted.get(id)!][0]!.replace(/^\d+ of /, "")];
    this.#ask("PUT", `/v2/apps${id}?force=true`, { instances }, [[id, `${instances} of ${command}`]]);
  }

  destroy(): void {
    const id = this.#any();
    if (id !== undefined) this.#ask("DELETE", `/v2/apps${id}?force=true`, undefined, [[id, "gone"]]);
  }

  /** How many services there were, and what is not as was acknowledged, one sentence each. */
  compare(state: InitState): { readonly services: number; readonly problems: string[] } {
    const problems: string[] = [];
    for (const [id, may] of this.#wanted) {
      const is = wantedIn(state, id);
      if (!may.has(is)) problems.push(`${id} is ${is}, and not ${[...may].join(" or ")}`);
    }
    for (const id of [...state.tree.apps.keys(), ...state.tree.pods.keys()])
      if (!this.#wanted.has(id)) problems.push(`${id} is there, and nobody asked for it`);
    return { services: this.#wanted.size, problems };
  }

  #ask(method: string, url: string, body: unknown, changes: readonly (readonly [string, Wanted])[]): void {
    // From now on it may be so.
    for (const [id, wanted] of changes) this.#may(id).add(wanted);
    const before = changes.map(([id]) => [...this.#may(id)].slice(0, -1));
    void this.#init.ask(method, url, body).then((answer) => {
      if (answer === undefined || answer.status >= 500) return void this.answers.unknown++;
      if (answer.status < 300) {
        this.answers.acknowledged++;
        for (const [id, wanted] of changes) this.#wanted.set(id, new Set([wanted]));
        return;
      }
      this.answers.refused++;
      for (const [at, [id]] of changes.entries()) this.#wanted.set(id, new Set(before[at]));
    });
  }

  #may(id: string): Set<Wanted> {
    let may = this.#wanted.get(id);
    if (may === undefined) this.#wanted.set(id, (may = new Set(["gone"])));
    return may;
  }

  /** One of which nothing is open. */
  #any(): string | undefined {
    const sure = [...this.#wanted].filter(([, may]) => may.size === 1 && !may.has("gone")).map(([id]) => id);
    return sure.length === 0 ? undefined : sure[this.#world.random.below(sure.length)];
  }

  #app(id: string): { readonly id: string; readonly cmd: string; readonly instances: number } {
    const [instances, cmd] = [this.#instances(), this.#command()];
    return { id, cmd, instances, ...{ cpus: 0.1, mem: 16, backoffSeconds: 1 } };
  }

  #instances(): number {
    return this.#world.between(1, 5);
  }

  #command(): string {
    return `task $MESOS_TASK_ID; sleep 10000000; exit 0; change ${this.#next++}`;
  }
}

function wantedOf({ instances, cmd }: { readonly instances: number; readonly cmd: string }): Wanted {
  return `${instances} of ${cmd}`;
}

function wantedIn({ tree }: InitState, id: string): Wanted {
  const app = tree.apps.get(id);
  if (app !== undefined) return `${app.instances} of ${app.cmd}`;
  const pod = tree.pods.get(id);
  if (pod === undefined) return "gone";
  const command = pod.containers[0]!.exec!.command as { shell?: string };
  return `${pod.scaling?.instances ?? 0} of ${command.shell}`;
}
