import type { Settings } from "./chapter.ts";

const FOREVER_S = 10_000_000;

/** The whole definition of an app, from the words of a story; what it does not say is as init has it by default, but that failures are retried at once. */
export function appBody(id: string, settings: Settings): object {
  return { id, cpus: 1, mem: 64, backoffSeconds: 1, cmd: commandOf(settings), ...fieldsOf(settings) };
}

/** Only what a story says. */
export function changedFields(settings: Settings): object {
  const changesCommand = ["version", "seconds", "exit", "ignores"].some((name) => settings.has(name));
  return { ...(changesCommand && { cmd: commandOf(settings) }), ...fieldsOf(settings) };
}

function commandOf(settings: Settings): string {
  const what = `sleep ${settings.get("seconds") ?? FOREVER_S}; exit ${settings.get("exit") ?? 0}`;
  const stubborn = settings.get("ignores") === "TERM" ? "; ignore TERM" : "";
  return `task $MESOS_TASK_ID; ${what}${stubborn}; change ${settings.get("version") ?? 1}`;
}

function fieldsOf(settings: Settings): object {
  return {
    ...numbers(settings, { instances: "instances", cpus: "cpus", mem: "mem", grace: "taskKillGracePeriodSeconds" }),
    ...(settings.has("role") && { role: settings.get("role") }),
    ...(settings.get("spread") === "unique" && { constraints: [["hostname", "UNIQUE"]] }),
    ...nested("upgradeStrategy", settings, {
      least: "minimumHealthCapacity",
      over: "maximumOverCapacity",
      deadline: "deadlineSeconds",
    }),
    ...nested("unreachableStrategy", settings, { inactive: "inactiveAfterSeconds", expunge: "expungeAfterSeconds" }),
    ...(settings.has("volume") && { container: { type: "MESOS", volumes: [volume(Number(settings.get("volume")))] } }),
  };
}

function volume(sizeMiB: number): object {
  return { containerPath: "data", mode: "RW", persistent: { type: "root", size: sizeMiB } };
}

function nested(field: string, settings: Settings, names: Readonly<Record<string, string>>): object {
  const said = numbers(settings, names);
  return Object.keys(said).length === 0 ? {} : { [field]: said };
}

function numbers(settings: Settings, names: Readonly<Record<string, string>>): object {
  const said = Object.entries(names).filter(([name]) => settings.has(name));
  return Object.fromEntries(said.map(([name, field]) => [field, Number(settings.get(name))]));
}
