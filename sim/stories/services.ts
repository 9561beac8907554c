import type { Instance } from "@meseta/init/core/instance/instance.ts";
import type { FrameworkAnswer } from "../world/framework-kind.ts";
import type { SimInit } from "../world/init.ts";
import type { Chapter, Say, Settings, Verbs } from "./chapter.ts";
import { appBody, changedFields } from "./definition.ts";
import { Names } from "./names.ts";
import type { Stage } from "./stage.ts";

/** What init answers to a change. */
interface Body {
  readonly deploymentId?: string;
  readonly message?: string;
  readonly details?: readonly { readonly path?: string; readonly errors?: readonly string[] }[];
}

interface Explained {
  readonly sentences?: readonly string[];
  readonly message: string;
}

/** The part of a story in which an init runs services: what its users want, and what init tells of it. */
export class Services implements Chapter {
  readonly framework: SimInit;
  readonly #say: Say;
  readonly #names: Names;

  constructor({ cluster, startMs, say }: Stage) {
    this.framework = cluster.addTenant("init").framework;
    this.#say = say;
    this.#names = new Names(startMs);
    this.framework.onNotice = (notice) => this.#tell(notice as Readonly<Record<string, unknown>>);
    this.framework.start();
  }

  readonly verbs: Verbs = {
    app: (settings, id) => this.#app(id, settings),
    change: (settings, id) => this.#change(id, settings),
    remove: (settings, id) => this.#ask(`remove ${id}`, "DELETE", `/v2/apps${id}${forceOf(settings)}`),
    "services?": () => this.#services(),
    "deployments?": () => this.#deployments(),
    explain: (_, id) => this.#explain(id),
  };

  nameOf(taskId: string): string {
    return this.#names.readable(taskId);
  }

  /** `app ID instances=N cpus=C …`: it is put whole. */
  #app(id: string, settings: Settings): string[] {
    return this.#ask(`app ${id}`, "PUT", `/v2/apps${id}${forceOf(settings)}`, appBody(id, settings));
  }

  /** `change ID instances=N version=V …`: only what is said changes. */
  #change(id: string, settings: Settings): string[] {
    return this.#ask(`change ${id}`, "PATCH", `/v2/apps${id}${forceOf(settings)}`, changedFields(settings));
  }

  /** The instances of all apps, each with where it is and of which version. */
  #services(): string[] {
    const state = this.framework.core?.state;
    if (state === undefined) return ["init is not alive"];
    return [...state.services.values()].flatMap(({ id, instances }) => {
      const wanted = state.tree.apps.get(id)?.instances ?? 0;
      const all = [...instances.values()];
      const running = all.filter(({ condition, goal }) => condition === "Running" && goal === "Running");
      return [`${id}: ${running.length} of ${wanted} run`, ...all.map((one) => `  ${this.#describe(one)}`).sort()];
    });
  }

  #deployments(): string[] {
    const all = this.framework.core?.state.deployments.all ?? [];
    if (all.length === 0) return ["no deployment goes on"];
    return all.map(({ plan, step }) => {
      const actions = plan.steps[step]?.actions.map(({ kind, id }) => `${kind} ${id}`) ?? [];
      return `${this.#names.deployment(plan.id)}: step ${step + 1} of ${plan.steps.length}, ${actions.join(", ")}`;
    });
  }

  async #explain(id: string): Promise<string[]> {
    const answer = await this.framework.ask("GET", `/v2/apps${id}::explain`);
    const { sentences, message } = (answer?.body ?? { message: "init is not alive" }) as Explained;
    return (sentences ?? [message]).map((sentence) => this.#names.readable(sentence));
  }

  #ask(what: string, method: string, url: string, body?: object): string[] {
    void this.framework.ask(method, url, body).then((answer) => this.#say(`${what}: ${this.#answer(answer)}`));
    return [];
  }

  #answer(answer: FrameworkAnswer | undefined): string {
    if (answer === undefined) return "no answer";
    const { deploymentId, message, details } = (answer.body ?? {}) as Body;
    if (deploymentId !== undefined) return `${answer.status} deployment ${this.#names.deployment(deploymentId)}`;
    const errors = (details ?? []).flatMap(({ path, errors = [] }) => errors.map((error) => `${path}: ${error}`));
    return [answer.status, message, ...errors].filter((part) => part !== undefined).join(" ");
  }

  #describe({ id, spec, condition, goal, host, kept, version }: Instance): string {
    const state = this.framework.core!.state;
    const present = state.tree.apps.get(spec);
    const definition = present?.version === version ? present : state.olderSpecs.get(spec)?.get(version);
    const of = definition === undefined || "containers" in definition ? "" : versionIn(definition.cmd);
    const where = host ?? kept?.host;
    const at = where === undefined ? "" : ` on ${where.hostname}`;
    return `${this.#names.instance(id)} ${condition}${at}${of}${goal === "Running" ? "" : `, to be ${goal}`}`;
  }

  #tell(notice: Readonly<Record<string, unknown>>): void {
    const text = (field: string): string => String(notice[field] ?? "");
    const message = text("message") === "" ? "" : `  "${text("message")}"`;
    switch (notice["eventType"]) {
      case "status_update_event":
        return this.#say(`${this.#names.task(text("taskId"))} ${text("taskStatus")} on ${text("host")}${message}`);
      case "deployment_success":
        return this.#say(`${this.#names.deployment(text("id"))} is done`);
      case "deployment_failed":
        return this.#say(
          `${this.#names.deployment(text("id"))} failed: ${this.#names.readable(text("reason") || "it was cancelled")}`,
        );
      case "app_autoscaled_event":
        return this.#say(`${text("appId")} goes from ${text("from")} to ${text("to")}: ${text("why")}`);
      case "app_terminated_event":
        return this.#say(`${text("appId")} is gone`);
    }
  }
}

function forceOf(settings: Settings): string {
  return settings.get("force") === "yes" ? "?force=true" : "";
}

function versionIn(cmd = ""): string {
  const version = /change (\d+)/.exec(cmd)?.[1];
  return version === undefined ? "" : `, version ${version}`;
}
