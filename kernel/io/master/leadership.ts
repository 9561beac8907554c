import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Address, Election } from "@meseta/lib/core/ports/election.ts";
import { type Answer, notFound, textAnswer } from "@meseta/lib/io/http/answer.ts";

/** Who leads: this master, another one whose address is known, or nobody that we know of. */
export type Leader = "self" | Address | undefined;

/** Whether this process leads: from when it was elected until it has lost that; always, where nobody is elected. */
export class Place {
  readonly #election: Election | undefined;
  #leads: boolean;

  constructor(election: Election | undefined) {
    this.#election = election;
    this.#leads = election === undefined;
  }

  get leader(): Leader {
    return this.#leads ? "self" : this.#election?.leader();
  }

  /** Resolves when this process may lead, and says `lost` when it may not any more. */
  async take({ hostname, port }: Address, lost: (reason: Error) => void): Promise<void> {
    if (this.#election === undefined) return;
    await this.#election.stand({ hostname, port });
    this.#leads = true;
    void this.#election.lost.then((reason) => {
      this.#leads = false;
      lost(reason);
    });
  }
}

/** Where a client of this path finds the leader: 307, or 503 when there is none. Protocol-relative, because TLS may end before us. */
export function redirect(leader: Leader, own: { hostname: string; port: number }, path: string, query: string): Answer {
  if (leader === undefined) return textAnswer(503, "No leader elected");
  const { hostname, port } = leader === "self" ? own : leader;
  const base = `//${hostAndPort(hostname, port)}`;
  if (path === "/redirect") return { status: 307, headers: { Location: base } };
  if (path.startsWith("/redirect/")) return notFound;
  return { status: 307, headers: { Location: `${base}${encodeURI(path)}${query === "" ? "" : `?${query}`}` } };
}
