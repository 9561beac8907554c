import type { Reading } from "../query.ts";
import type { InitState } from "../state.ts";
import type { QueryFor } from "./apps.ts";
import { podText } from "./groups.ts";
import { Pieces } from "./reading.ts";
import { podNotFound } from "./versions.ts";

/** GET /v2/pods. */
export function readPods({ tree }: InitState): Reading {
  const pieces = new Pieces().add("[");
  return pieces
    .list(tree.pods.values(), (pod) => pieces.add(podText(pod)))
    .add("]")
    .reading();
}

/** GET /v2/pods/{id}. */
export function readPod({ id }: QueryFor<"pod">, { tree }: InitState): Reading {
  const pod = tree.pods.get(id);
  return pod === undefined ? podNotFound(id) : { status: 200, pieces: [podText(pod)] };
}
