import type { App, AppCounts } from "@meseta/api/marathon/app.ts";
import type { Task, TaskFailure, TaskStats } from "@meseta/api/marathon/task.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { mebibytes } from "../amounts.ts";
import { type Details, type Listing, part } from "../listing.ts";
import { since } from "../since.ts";
import { type Look, shown, showTask } from "../state.ts";

/** What is left out of an app that is shown, when it is empty. */
type Omitted = "args" | "constraints" | "dependencies" | "healthChecks";

export type ListedApp = Omit<App, Omitted> &
  Partial<Pick<App, Omitted>> &
  AppCounts & { readonly deployments: readonly { readonly id: string }[] };

export type AppInFull = ListedApp & {
  readonly tasks?: readonly Task[];
  readonly lastTaskFailure?: TaskFailure;
  readonly taskStats?: TaskStats;
};

/** How an app looks as a whole: deploying, running, waiting for instances, stopped, unhealthy. */
function appLook(app: ListedApp): Look {
  if (app.deployments.length > 0) return { mark: "◐", word: "deploying", tone: "busy" };
  if (app.instances === 0) return { mark: "○", word: "stopped", tone: "dim" };
  if (app.tasksUnhealthy > 0) return { mark: "●", word: "unhealthy", tone: "warn" };
  if (app.tasksRunning >= app.instances) return { mark: "●", word: "running", tone: "good" };
  return { mark: "◐", word: "waiting", tone: "warn" };
}

export function appListing(apps: readonly ListedApp[], nowMs: number): Listing<ListedApp> {
  return {
    items: apps,
    name: ({ id }) => id,
    extra: ({ labels }, key) => labels[key],
    none: "No apps yet. Add one: meseta app add FILE · an example: examples/rolling-upgrade",
    columns: [
      { title: "APP", text: ({ id }) => id },
      { title: "STATE", text: (app) => shown(appLook(app)), tone: (app) => appLook(app).tone },
      {
        title: "RUNNING",
        right: true,
        text: (app) => `${app.tasksRunning}/${app.instances}`,
        key: (app) => app.tasksRunning,
      },
      { title: "HEALTHY", right: true, text: healthText, key: ({ tasksHealthy }) => tasksHealthy },
      { title: "CPUS", right: true, text: ({ cpus }) => String(cpus), key: ({ cpus }) => cpus },
      { title: "MEM", right: true, text: ({ mem }) => mebibytes(mem), key: ({ mem }) => mem },
      {
        title: "CHANGED",
        right: true,
        text: (app) => since(Date.parse(app.version), nowMs),
        key: (app) => -Date.parse(app.version),
      },
      { title: "IMAGE", text: (app) => app.container?.docker?.image ?? "", wide: true },
      { title: "COMMAND", text: commandText, wide: true },
      { title: "ROLE", text: ({ role }) => role, wide: true },
    ],
  };
}

function healthText(app: ListedApp): string {
  return app.healthChecks === undefined ? "" : `${app.tasksHealthy}/${app.tasksRunning}`;
}

function commandText({ cmd, args = [] }: ListedApp): string {
  return cmd ?? args.join(" ");
}

export function appDetails(app: AppInFull, nowMs: number): Details {
  const look = appLook(app);
  return {
    item: app,
    name: app.id,
    lines: [
      ["App", app.id, "strong"],
      ["State", shown(look), look.tone],
      [
        "Instances",
        `${app.tasksRunning} of ${app.instances} running${app.tasksStaged > 0 ? `, ${app.tasksStaged} on their way` : ""}`,
      ],
      ["Healthy", healthText(app)],
      ["Command", commandText(app)],
      ["Image", app.container?.docker?.image],
      [
        "Each has",
        `${app.cpus} cpus, ${mebibytes(app.mem)} memory${app.disk > 0 ? `, ${mebibytes(app.disk)} disk` : ""}${app.gpus > 0 ? `, ${app.gpus} gpus` : ""}`,
      ],
      ["Constraints", app.constraints?.map((one) => one.join(" ")).join(" · ")],
      ["Depends on", app.dependencies?.join(", ")],
      ["Role", app.role],
      [
        "Labels",
        Object.entries(app.labels)
          .map((pair) => pair.join("="))
          .join(" "),
      ],
      ["Version", `${app.version} (${since(Date.parse(app.version), nowMs)} ago)`],
      ["Deployments", app.deployments.map(({ id }) => id).join(", "), "busy"],
      ["Last failure", failureText(app, nowMs), "bad"],
    ],
    parts: [part("Tasks", taskListing(app.tasks ?? [], nowMs))],
  };
}

function failureText({ lastTaskFailure: last }: AppInFull, nowMs: number): string | undefined {
  if (last === undefined) return undefined;
  return `${last.state} on ${last.host} ${since(Date.parse(last.timestamp), nowMs)} ago: ${last.message}`;
}

function taskListing(tasks: readonly Task[], nowMs: number): Listing<Task> {
  const look = (task: Task): Look => showTask(task.state as Parameters<typeof showTask>[0], isHealthy(task));
  return {
    items: tasks,
    name: ({ id }) => id,
    none: "",
    columns: [
      { title: "TASK", text: ({ id }) => id },
      { title: "STATE", text: (task) => shown(look(task)), tone: (task) => look(task).tone },
      { title: "ADDRESS", text: addressText },
      {
        title: "AGE",
        right: true,
        text: (task) => since(task.startedAt === undefined ? undefined : Date.parse(task.startedAt), nowMs),
      },
      { title: "VERSION", text: (task) => task.version ?? "", wide: true },
    ],
  };
}

function isHealthy({ healthCheckResults }: Task): boolean | undefined {
  return healthCheckResults?.every(({ alive }) => alive);
}

function addressText({ host, ports = [] }: Task): string {
  if (host === undefined) return "";
  return ports.length === 0 ? host : ports.map((port) => hostAndPort(host, port)).join(" ");
}

export interface AppVersion {
  readonly version: string;
  readonly isCurrent: boolean;
}

export function versionListing(versions: readonly AppVersion[], nowMs: number): Listing<AppVersion> {
  return {
    items: versions,
    name: ({ version }) => version,
    none: "No versions.",
    columns: [
      { title: "VERSION", text: ({ version }) => version },
      {
        title: "AGE",
        right: true,
        text: ({ version }) => since(Date.parse(version), nowMs),
        key: ({ version }) => -Date.parse(version),
      },
      { title: "", text: ({ isCurrent }) => (isCurrent ? "current" : "") },
    ],
  };
}
