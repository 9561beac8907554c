import type { ExecutorInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { WireType } from "@meseta/api/mesos/generated/wire-types.ts";
import type { MasterState } from "../state.ts";

/**
 * One form in which one kind of object is shown. The hands encode an object once for each version and shape, keep the bytes,
 * and put big answers together from them.
 */
// biome-ignore lint/suspicious/noExplicitAny: a list of parts holds shapes of different objects; each stands with its own objects.
export interface Shape<T extends object = any> {
  readonly name: string;
  /** The wire message of the view. A shape without one is plain JSON, of the endpoints older than the v1 API. */
  readonly type?: WireType;
  /**
   * Rises whenever the view would change. Undefined for objects that never change (a changed task is a new object): those can be
   * encoded later than they were listed. "once": they are made for each reading, so nothing is kept.
   */
  readonly version: ((object: T) => number) | "frozen" | "once";
  view(object: T, look: Look): object;
}

/** A part of a big answer: a name, and below it further parts, a list of kept pieces, or a small value that is encoded each time. */
export type Part =
  | { readonly name: string; readonly parts: readonly Part[] }
  | { readonly name: string; readonly lists: Iterable<List>; readonly shape: Shape; readonly supplement?: Supplement }
  | { readonly name: string; readonly value: unknown }
  /** One object whose fields stand directly in the part above, before and after others. */
  | { readonly fields: object; readonly shape: Shape }
  /** A list of objects that are themselves made of parts. */
  | { readonly name: string; readonly items: readonly (readonly Part[])[] };

/**
 * Further fields of each object of a list, in JSON. The first call takes what they are found from as it is at the moment, the
 * second finds them, with a pause now and then.
 */
// biome-ignore lint/suspicious/noExplicitAny: each stands with the objects of its own list.
export type Supplement = () => () => Generator<void, (object: any) => object>;

/** Objects that stand in one list, one after the other, in the answer. */
export interface List {
  /** By which the hands know the list again at the next reading: most of its encodings are then the same. */
  readonly key: object;
  objects(): object[];
}

/** Lists that can be gone through more than once. */
export function lists(start: () => Iterator<List>): Iterable<List> {
  return { [Symbol.iterator]: start };
}

/** One list. */
export function list(key: object, of: () => Iterable<object>): Iterable<List> {
  return [{ key, objects: () => [...of()] }];
}

/** The state with what is found out about it once for each reading. */
export class Look {
  readonly state: MasterState;
  #executors: Map<string, FrameworkExecutor[]> | undefined;

  constructor(state: MasterState) {
    this.state = state;
  }

  /** The framework's executors on all agents; agents keep them, so they are gathered at the first question. */
  executorsOf(frameworkId: string): readonly FrameworkExecutor[] {
    this.#executors ??= gatherExecutors(this.state);
    return this.#executors.get(frameworkId) ?? [];
  }
}

export interface FrameworkExecutor {
  readonly agentId: string;
  readonly executor: ExecutorInfo;
}

function gatherExecutors(state: MasterState): Map<string, FrameworkExecutor[]> {
  const out = new Map<string, FrameworkExecutor[]>();
  for (const agent of state.agents.values())
    for (const [frameworkId, executors] of agent.executors) {
      const list = out.get(frameworkId) ?? [];
      if (list.length === 0) out.set(frameworkId, list);
      for (const executor of executors.values()) list.push({ agentId: agent.id, executor });
    }
  return out;
}
