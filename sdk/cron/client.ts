import { type Change, RestClient } from "../rest/client.ts";

export type { Change } from "../rest/client.ts";

/** cron's REST API, as Metronome's describes it, with Meseta's additions (api/metronome/history.ts); Chronos' is there as well, below `/v1/scheduler`. */
export class CronClient extends RestClient {
  constructor(urls: readonly string[], credentials?: string) {
    super("cron", urls, credentials);
  }

  /** The answer's body; undefined where there is none. */
  async change(change: Change): Promise<unknown> {
    return (await this.send(change)).body;
  }
}
