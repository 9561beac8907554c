import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RunRecord } from "@meseta/api/metronome/history.ts";
import { CronClient } from "@meseta/sdk/cron/client.ts";
import { tickHeading } from "./tick-heading.ts";

const folder = fileURLToPath(new URL("../../examples/quickstart", import.meta.url));

export const TICK = "quickstart.tick";

/** The quickstart's job, as anyone would write it for POST /v0/scheduled-jobs: every five seconds, one run at a time, none made up for. */
const tickJob = {
  id: TICK,
  description: "Counts the tasks of this machine, every five seconds",
  run: { cmd: `exec sh ${folder}/tick.sh`, cpus: 0.1, mem: 32, disk: 0 },
  schedules: [{ id: "every-5-seconds", cron: "R//PT5S", timezone: "UTC", concurrencyPolicy: "FORBID", enabled: true }],
};

/** How often it looks. */
const LOOK_MS = 1000;
const SHOWN_RUNS = 8;

/** The quickstart's job, by cron's API as anyone would use it: made at the first start, shown as long as the cluster runs. */
export class QuickstartJob {
  readonly #cron: CronClient;
  readonly #say: (line: string) => void;
  #heading: string[] = [];
  #isClosed = false;

  constructor(cron: string, say: (line: string) => void) {
    this.#cron = new CronClient([cron]);
    this.#say = say;
  }

  /** What stands above the live view. */
  get heading(): string[] {
    return this.#heading;
  }

  start(): void {
    this.#show().catch((error: Error) => {
      if (!this.#isClosed) this.#say(`The job ${TICK} cannot be shown: ${error.message}`);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cron.close();
  }

  async #show(): Promise<void> {
    if ((await this.#cron.find(`/v1/jobs/${TICK}`)) === undefined) {
      await this.#cron.change({ method: "POST", path: "/v0/scheduled-jobs", body: tickJob, what: `add ${TICK}` });
      this.#say(`Job ${TICK} runs every five seconds. Try: bin/meseta job history ${TICK}`);
    }
    while (!this.#isClosed) {
      await this.#look().catch(() => {});
      await sleep(LOOK_MS);
    }
  }

  async #look(): Promise<void> {
    const runs = await this.#cron.get<readonly RunRecord[]>(`/v1/jobs/${TICK}/history?limit=${SHOWN_RUNS}`);
    this.#heading = [tickHeading(TICK, runs, Date.now())];
  }
}
