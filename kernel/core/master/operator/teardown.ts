import { removeFramework } from "../frameworks.ts";
import type { Answer, MasterOut } from "../out.ts";
import type { MasterState } from "../state.ts";
import { done } from "./answers.ts";

/** TEARDOWN: the framework ends, with all its tasks. */
export function teardown(state: MasterState, id: string, nowMs: number, out: MasterOut): Answer {
  if (!state.frameworks.has(id)) return { status: 400, text: "No framework found with specified ID" };
  removeFramework(state, id, nowMs, out);
  return done;
}
