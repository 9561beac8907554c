import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { type Part, type PartKind, partsOf, urlOf } from "./parts.ts";

/** Who leads among the parts of a kind is asked for when a fault is to hit the leader; it must not take longer than the fault. */
const PATIENCE_MS = 1_000;
const client = new HttpClient(4, { answerTimeoutMs: PATIENCE_MS, bodyTimeoutMs: PATIENCE_MS });

/** The name of the part that leads, by its own word or another's; undefined where nobody says. */
export async function leadingOf(kind: PartKind): Promise<string | undefined> {
  const said = await Promise.all(partsOf(kind).map((part) => ASK[kind](part).catch(() => undefined)));
  return said.find((name) => name !== undefined);
}

type Ask = (part: Part) => Promise<string | undefined>;

const ASK: Readonly<Record<PartKind, Ask>> = {
  etcd: async (part) => {
    const { leader, header } = (await json(`${urlOf(part)}/v3/maintenance/status`, "{}")) as {
      leader?: string;
      header?: { member_id?: string };
    };
    return leader !== undefined && leader === header?.member_id ? part.name : undefined;
  },
  master: async (part) => {
    const { status } = await client.exchange({ url: `${urlOf(part)}/weights`, method: "GET" });
    return status === 200 ? part.name : undefined;
  },
  agent: async () => undefined,
  init: async (part) => {
    const { leader } = (await json(`${urlOf(part)}/v2/leader`)) as { leader?: string };
    return leader === undefined ? undefined : nameAt("init", leader);
  },
  cron: async (part) => {
    const { leader } = (await json(`${urlOf(part)}/leader`)) as { leader?: string };
    return leader === undefined ? undefined : nameAt("cron", leader);
  },
};

function nameAt(kind: PartKind, address: string): string | undefined {
  return partsOf(kind).find(({ ip }) => address.includes(ip))?.name;
}

async function json(url: string, body?: string): Promise<unknown> {
  const request = body === undefined ? { url, method: "GET" } : { url, method: "POST", body };
  return JSON.parse(new TextDecoder().decode((await client.exchange(request)).body));
}
