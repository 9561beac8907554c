import { leftAsideText } from "@meseta/api/json-body/left-aside.ts";
import type { Action, Deployment } from "@meseta/api/marathon/deployment.ts";
import type { PodStatus } from "@meseta/api/marathon/pod-status.ts";
import type { Change, Changed, InitClient, InitNotice } from "@meseta/sdk/init/client.ts";
import { Failure } from "../core/failure.ts";
import { fineSpan, span } from "../core/since.ts";
import type { AppInFull } from "../core/views/apps.ts";
import { type Planned, planLines, progressLine, type Standing, targetOf } from "../core/views/deployments.ts";
import { stableOf } from "../core/views/pods.ts";
import type { Invocation } from "../invocation.ts";
import { withInit } from "./init.ts";

/** Instances change without a deployment's own event: they are looked at again at most so often. */
const LOOK_AGAIN_MS = 250;

/** A whole write command of init: asks for a plan with --dry-run; else changes, and follows the deployment to its end unless --no-wait. `done` is said at the end. */
export function deployCommand(
  invocation: Invocation,
  change: (init: InitClient) => Promise<Change>,
  done: (changed: Changed) => string,
): Promise<number> {
  const { flags, terminal } = invocation;
  return withInit(invocation, async (init) => {
    const asked = await change(init);
    const query = { ...asked.query, force: flags.on("force"), dryRun: flags.on("dry-run") };
    if (flags.on("dry-run")) {
      const { body, leftAside } = await init.change({ ...asked, query, what: `plan to ${asked.what}` });
      for (const one of leftAside) terminal.err(`${leftAsideText(one)}\n`);
      terminal.out(`${planLines(body as Planned).join("\n")}\n`);
      return 0;
    }
    const follower = flags.on("wait") ? await Follower.open(invocation, init) : undefined;
    const changed = await init.change({ ...asked, query });
    for (const one of changed.leftAside) terminal.err(`${leftAsideText(one)}\n`);
    const { deploymentId } = changed;
    if (deploymentId === undefined) terminal.err("Nothing had to be deployed.\n");
    else if (follower === undefined) terminal.out(`${deploymentId}\n`);
    else if (!(await follower.follow(deploymentId, asked.what))) return 130;
    terminal.err(`${done(changed)}\n`);
    return 0;
  });
}

/** Shows deployments as they go. Opened before the change is sent, so that it misses nothing of it. */
export class Follower {
  readonly #invocation: Invocation;
  readonly #init: InitClient;
  /** How deployments ended; with a text, why they failed. */
  readonly #ends = new Map<string, string | undefined>();
  #changed = Promise.withResolvers<void>();
  #lines: readonly string[] = [];

  private constructor(invocation: Invocation, init: InitClient) {
    this.#invocation = invocation;
    this.#init = init;
  }

  static async open(invocation: Invocation, init: InitClient): Promise<Follower> {
    const follower = new Follower(invocation, init);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    void follower.#listen(resolve).then(reject, reject);
    await promise;
    return follower;
  }

  // A stream that ends is no harm: what it would have said is looked at all the same, only later.
  async #listen(opened: () => void): Promise<Error> {
    for await (const notice of this.#init.events([], opened)) {
      this.#note(notice);
      this.#changed.resolve();
    }
    return new Error("init ended the stream of events");
  }

  #note({ eventType, id, reason }: InitNotice): void {
    if (eventType === "deployment_success") this.#ends.set(String(id), undefined);
    if (eventType === "deployment_failed") this.#ends.set(String(id), String(reason ?? "it was cancelled"));
  }

  /** True when it succeeded; false when the user left. Throws when it failed or took too long. */
  async follow(id: string, what: string): Promise<boolean> {
    const { flags, terminal } = this.#invocation;
    const timeoutMs = flags.number("timeout") ?? Number.POSITIVE_INFINITY;
    const beganMs = Date.now();
    const left = leaving();
    try {
      for (;;) {
        this.#changed = Promise.withResolvers();
        const isOver = !(await this.#look(id));
        if (isOver) break;
        if (Date.now() - beganMs >= timeoutMs) throw tooLong(id, timeoutMs);
        const wait = new Promise<"go on">((resolve) => setTimeout(resolve, LOOK_AGAIN_MS, "go on"));
        if ((await Promise.race([left.promise, wait])) === "left") return this.#leave(id);
        await Promise.race([left.promise, this.#changed.promise, later(1000)]);
      }
    } finally {
      left.forget();
    }
    const reason = this.#ends.get(id);
    if (reason !== undefined) throw new Failure("deployment-failed", { what, why: reason });
    terminal.err(`● done after ${fineSpan(Date.now() - beganMs)}\n`);
    return true;
  }

  /** Shows where it is now; false when it is over. */
  async #look(id: string): Promise<boolean> {
    const all = await this.#init.get<readonly Deployment[]>("/v2/deployments");
    const deployment = all.find((one) => one.id === id);
    if (deployment === undefined) return false;
    this.#show(await Promise.all(deployment.currentActions.map((action) => this.#line(deployment, action))));
    return true;
  }

  async #line(deployment: Deployment, action: Action): Promise<string> {
    return progressLine(deployment, action, await this.#standing(action));
  }

  async #standing(action: Action): Promise<Standing | undefined> {
    const path = targetOf(action);
    if ("pod" in action) {
      const pod = await this.#init.find<PodStatus>(`/v2/pods${path}::status`);
      const good = pod && stableOf(pod);
      return pod && { wanted: pod.spec.scaling.instances, good: good!, underWay: pod.instances.length - good! };
    }
    const found = await this.#init.find<{ app: AppInFull }>(`/v2/apps${path}?embed=app.taskStats`);
    return found && standingOf(found.app, action.action === "RestartApplication");
  }

  // On a terminal the lines stand where they are and change; elsewhere each new one is printed.
  #show(lines: readonly string[]): void {
    const { terminal } = this.#invocation;
    const fresh = lines.filter((line, i) => line !== this.#lines[i]);
    if (fresh.length === 0 && lines.length === this.#lines.length) return;
    if (terminal.live && this.#lines.length > 0) terminal.err(`\x1b[${this.#lines.length}A\x1b[J`);
    terminal.err((terminal.live ? lines : fresh).map((line) => `${line}\n`).join(""));
    this.#lines = lines;
  }

  #leave(id: string): false {
    this.#invocation.terminal.err(`The deployment goes on. Come back to it: meseta deployment watch ${id}\n`);
    return false;
  }
}

/** Of a restart only what is new counts. */
function standingOf(app: AppInFull, isRestart: boolean): Standing {
  const { instances: wanted, tasksRunning, tasksHealthy, tasksStaged } = app;
  const fresh = app.taskStats?.withLatestConfig?.stats.counts ?? { running: 0, healthy: 0, staged: 0 };
  const { running, healthy, staged } = isRestart
    ? fresh
    : { running: tasksRunning, healthy: tasksHealthy, staged: tasksStaged };
  const good = app.healthChecks === undefined ? running : healthy;
  return { wanted, good, underWay: running - good + staged };
}

function tooLong(id: string, timeoutMs: number): Failure {
  const why = "it goes on in the cluster";
  return new Failure("timed-out", {
    what: "the deployment",
    timeout: span(timeoutMs),
    why,
    again: `meseta deployment watch ${id}`,
  });
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ctrl-C leaves the deployment alone and ends only the look at it. */
function leaving(): { promise: Promise<"left">; forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<"left">();
  const leave = (): void => resolve("left");
  process.once("SIGINT", leave);
  return { promise, forget: () => void process.off("SIGINT", leave) };
}
