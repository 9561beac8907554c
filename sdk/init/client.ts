import { type Answered, type Change, queryText, RestClient } from "../rest/client.ts";
import { NoticeReader } from "./notices.ts";

export type { Change } from "../rest/client.ts";

/** One event of `/v2/events`; which other fields it has, its type says. */
export interface InitNotice {
  readonly eventType: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** What a change was answered with. */
export interface Changed extends Answered {
  /** Of the deployment that the change began; none where nothing had to be deployed. */
  readonly deploymentId?: string | undefined;
}

/** init's REST API, as Marathon's v2 describes it. */
export class InitClient extends RestClient {
  constructor(urls: readonly string[], credentials?: string) {
    super("init", urls, credentials);
  }

  async change(change: Change): Promise<Changed> {
    const { headers, ...answered } = await this.send(change);
    const { deploymentId } = (answered.body ?? {}) as { deploymentId?: string };
    return { ...answered, deploymentId: headers["marathon-deployment-id"] ?? deploymentId };
  }

  /** What happens from now on, of these types or of all; ends when init ends the stream, or with the loop. `opened` is called once nothing can be missed any more. */
  async *events(types: readonly string[] = [], opened: () => void = () => {}): AsyncGenerator<InitNotice, void, void> {
    const query = queryText(
      {},
      types.map((type) => ["event_type", type]),
    );
    const incoming = await this.open(`/v2/events${query}`, "text/event-stream", "read the events");
    const reader = new NoticeReader();
    try {
      for await (const chunk of incoming as AsyncIterable<Uint8Array>)
        for (const notice of reader.push(chunk)) {
          if (notice.eventType === "event_stream_attached") opened();
          else yield notice;
        }
    } finally {
      incoming.destroy();
    }
  }
}
