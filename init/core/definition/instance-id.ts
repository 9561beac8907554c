import { MAX_PATH_LENGTH, segmentsOf } from "./path.ts";

/** What an instance's id says. `prefix` was `marathon` before Marathon 1.5. */
export interface InstanceId {
  readonly path: string;
  readonly prefix: "instance" | "marathon";
  readonly uuid: string;
}

/** What a task's id says. `container` is undefined for apps; `incarnation` counts the launches of one instance, and is undefined in ids of before 1.8. */
export interface TaskId {
  readonly instanceId: string;
  readonly container?: string;
  readonly incarnation?: number;
}

// A path, a uuid, a container's name. Longer texts are not looked at: users send them, and the patterns go back and forth.
const MAX_ID_LENGTH = MAX_PATH_LENGTH + 256;

const ANONYMOUS = "_app";
const INSTANCE = /^(.+)\.(instance|marathon)-([^.]+)$/;
const TASK = /^(.+\.(?:instance|marathon)-[^.]+)(?:\.([^.]+))?(?:\.(\d+))?$/;

/** `shop_web.instance-<uuid>` for the app or pod `/shop/web`. */
export function formatInstanceId(path: string, uuid: string): string {
  return `${safePath(path)}.instance-${uuid}`;
}

export function parseInstanceId(id: string): InstanceId | undefined {
  const found = id.length > MAX_ID_LENGTH ? null : INSTANCE.exec(id);
  if (!found) return undefined;
  return { path: `/${found[1]!.split("_").join("/")}`, prefix: found[2] as InstanceId["prefix"], uuid: found[3]! };
}

/** `<instance>._app.<n>` for apps, `<instance>.<container>.<n>` for a pod's containers. */
export function formatTaskId(instanceId: string, incarnation: number, container: string = ANONYMOUS): string {
  return `${instanceId}.${container}.${incarnation}`;
}

/** Parts of a task's id; undefined when it is none of Marathon's. */
export function parseTaskId(id: string): TaskId | undefined {
  const found = id.length > MAX_ID_LENGTH ? null : TASK.exec(id);
  if (!found) return undefined;
  const [, instanceId, container, incarnation] = found;
  return {
    instanceId: instanceId!,
    ...(container !== undefined && container !== ANONYMOUS && { container }),
    ...(incarnation !== undefined && { incarnation: Number(incarnation) }),
  };
}

/** The executor of a pod's instance: `instance-<safe path>.<uuid>`. */
export function formatExecutorId(path: string, uuid: string): string {
  return `instance-${safePath(path)}.${uuid}`;
}

/** How an instance's volume is named: `<safe path>#<container path>#<uuid>`. */
export function formatPersistenceId(path: string, containerPath: string, uuid: string): string {
  return `${safePath(path)}#${containerPath}#${uuid}`;
}

/** A path without slashes: `shop_web` of `/shop/web`. Segments hold no `_`, so this can be undone. */
export function safePath(path: string): string {
  return segmentsOf(path).join("_");
}
