import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { CallAnswer } from "@meseta/lib/core/ports/transport.ts";

/** What Marathon, Chronos and Metronome may say when they refuse something. */
interface RefusalBody {
  readonly message?: string;
  readonly details?: string | readonly { readonly path: string; readonly errors: readonly string[] }[];
  readonly deployments?: readonly { readonly id: string }[];
}

/** A refusal's own explanation in one line. */
export function wordsOf({ body }: Pick<CallAnswer, "body">): string {
  const text = decodeUtf8(body);
  try {
    const { message = text, details, deployments } = JSON.parse(text) as RefusalBody;
    if (deployments !== undefined) return `locked by ${deployments.map(({ id }) => id).join(", ")}`;
    if (details === undefined) return message;
    if (typeof details === "string") return `${message}: ${details}`;
    return `${message}: ${details.map(({ path, errors }) => `${path}: ${errors.join("; ")}`).join(" · ")}`;
  } catch {
    return text;
  }
}
