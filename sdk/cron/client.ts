import { type Answered, type Change, RestClient } from "../rest/client.ts";

export type { Change } from "../rest/client.ts";

/** cron's REST API, as Metronome's describes it, with Meseta's additions (api/metronome/history.ts); Chronos' is there as well, below `/v1/scheduler`. */
export class CronClient extends RestClient {
  constructor(urls: readonly string[], credentials?: string) {
    super("cron", urls, credentials);
  }

  async change(change: Change): Promise<Answered> {
    const { body, leftAside } = await this.send(change);
    return { body, leftAside };
  }
}
