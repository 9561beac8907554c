import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Deployment } from "@meseta/api/marathon/deployment.ts";
import type { Task } from "@meseta/api/marathon/task.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { agentUrl } from "@meseta/sdk/core/address.ts";
import { InitClient } from "@meseta/sdk/init/client.ts";
import { connectAgent, connectMaster } from "@meseta/sdk/operator/connect.ts";
import { containerOf } from "@meseta/shell/core/task-container.ts";
import { WEB, webApp } from "./web-app.ts";

const folder = fileURLToPath(new URL("../../examples/quickstart", import.meta.url));

export interface ServiceOptions {
  readonly init: string;
  readonly masters: readonly string[];
  /** Where it remembers what it has shown. */
  readonly dir: string;
  readonly say: (line: string) => void;
  /** Time to read a line before the next thing happens. */
  readonly readMs: number;
}

interface ShownApp {
  readonly instances: number;
  readonly env: { readonly VERSION?: string };
  readonly tasksRunning: number;
  readonly tasksHealthy: number;
  readonly deployments: readonly unknown[];
  readonly tasks: readonly Task[];
}

/** How often it looks; a person sees no difference. */
const LOOK_MS = 200;

/**
 * The quickstart's service, by init's API as anyone would use it. The first start shows what init is for: an instance that is killed comes back, and an
 * upgrade replaces one after the other. Later starts only look after the service being there.
 */
export class QuickstartService {
  readonly #options: ServiceOptions;
  readonly #init: InitClient;
  #heading: string[] = [];
  #isClosed = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#init = new InitClient([options.init]);
  }

  /** What stands above the live view. */
  get heading(): string[] {
    return this.#heading;
  }

  start(): void {
    this.#show().catch((error: Error) => {
      if (!this.#isClosed) this.#options.say(`The service ${WEB} cannot be shown: ${error.message}`);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#init.close();
  }

  async #show(): Promise<void> {
    const known = await this.#init.find(`/v2/apps${WEB}`);
    if (known === undefined)
      await this.#init.change({ method: "POST", path: "/v2/apps", body: webApp(folder, 1), what: `add ${WEB}` });
    const app = await this.#whole();
    this.#options.say(`Service ${WEB} runs: ${app.tasks.map(addressOf).join("  ")}`);
    const marker = join(this.#options.dir, "quickstart-shown");
    if (existsSync(marker)) return this.#watch();
    await sleep(this.#options.readMs);
    await this.#killOne(app);
    await sleep(this.#options.readMs);
    await this.#upgrade();
    writeFileSync(marker, "");
    await this.#watch();
  }

  async #killOne({ tasks }: ShownApp): Promise<void> {
    const victim = tasks[0]!;
    if (!(await this.#kill(victim.id))) return;
    this.#options.say(`One of them is killed (SIGKILL): ${victim.id}`);
    const sinceMs = Date.now();
    await this.#until(({ tasks: now }) => now.every(({ id }) => id !== victim.id));
    await this.#whole();
    this.#options.say(`init has brought it back, ${((Date.now() - sinceMs) / 1000).toFixed(1)} s later.`);
  }

  async #upgrade(): Promise<void> {
    this.#options.say("A rolling upgrade to version 2: three stay healthy all the time.");
    const sinceMs = Date.now();
    const body = { env: { VERSION: "2" } };
    const { deploymentId } = await this.#init.change({
      method: "PUT",
      path: `/v2/apps${WEB}`,
      body,
      what: `update ${WEB}`,
    });
    for (;;) {
      const running = await this.#init.get<readonly Deployment[]>("/v2/deployments");
      await this.#look();
      if (!running.some(({ id }) => id === deploymentId)) break;
      await sleep(LOOK_MS);
    }
    this.#options.say(`Upgraded in ${((Date.now() - sinceMs) / 1000).toFixed(1)} s. Try: bin/meseta app show ${WEB}`);
  }

  // By the kernel, as a crash would be: init hears of it like of any other end.
  async #kill(taskId: string): Promise<boolean> {
    const master = connectMaster(this.#options.masters);
    try {
      const { tasks = [] } = await master.getTasks();
      const task = tasks.find(({ task_id }) => task_id.value === taskId);
      const container = task && containerOf(task);
      const node = (await master.getAgents()).agents?.find((one) => one.agent_info.id?.value === task?.agent_id.value);
      if (container === undefined || node === undefined) return false;
      const agent = connectAgent(agentUrl(node));
      await agent.killContainer(container, 9).finally(() => agent.close());
      return true;
    } finally {
      master.close();
    }
  }

  /** Waits until all instances are healthy and nothing is deployed. */
  #whole(): Promise<ShownApp> {
    return this.#until((app) => app.tasksHealthy >= app.instances && app.deployments.length === 0);
  }

  async #until(isSo: (app: ShownApp) => boolean): Promise<ShownApp> {
    for (;;) {
      const app = await this.#look();
      if (isSo(app)) return app;
      await sleep(LOOK_MS);
    }
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      await this.#look().catch(() => {});
      await sleep(5 * LOOK_MS);
    }
  }

  async #look(): Promise<ShownApp> {
    const { app } = await this.#init.get<{ app: ShownApp }>(`/v2/apps${WEB}`);
    this.#heading = [headingOf(app)];
    return app;
  }
}

function headingOf({ instances, tasksHealthy, tasks, deployments, env }: ShownApp): string {
  const marks = "●".repeat(tasksHealthy) + "◐".repeat(Math.max(0, tasks.length - tasksHealthy));
  const state = deployments.length > 0 ? `, going to version ${env.VERSION}` : `, version ${env.VERSION}`;
  return `${WEB}  ${marks}  ${tasksHealthy} of ${instances} healthy${state}`;
}

function addressOf({ host, ports }: Task): string {
  return host === undefined || ports?.[0] === undefined ? "(no address yet)" : `http://${hostAndPort(host, ports[0])}`;
}
