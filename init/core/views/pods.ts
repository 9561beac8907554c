import { Pieces } from "@meseta/lib/core/pieces.ts";
import type { Reading } from "../query.ts";
import type { QueryFor } from "./apps.ts";
import { podText } from "./groups.ts";
import type { Seen } from "./seen.ts";
import { podNotFound } from "./versions.ts";

/** GET /v2/pods. */
export function readPods({ tree }: Seen): Reading {
  const pieces = new Pieces().add("[");
  return pieces
    .list(tree.pods.values(), (pod) => pieces.later(() => podText(pod)))
    .add("]")
    .reading();
}

/** GET /v2/pods/{id}. */
export function readPod({ id }: QueryFor<"pod">, { tree }: Seen): Reading {
  const pod = tree.pods.get(id);
  return pod === undefined ? podNotFound(id) : { status: 200, pieces: [podText(pod)] };
}
