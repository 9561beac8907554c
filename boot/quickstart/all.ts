import type { Ready } from "../up/layout.ts";
import { QuickstartJob } from "./job.ts";
import { Quickstart } from "./run.ts";
import { QuickstartService } from "./service.ts";

/** The example workload: what a framework of its own runs, and a service and a job where an init and a cron are. */
export class Quickstarts {
  /** What to try with it. */
  readonly hints = [
    "  bin/meseta task exec -it pod-page -- sh   a shell inside that pod",
    "  bin/meseta app scale /quickstart/web 5    five of the web servers",
    "  bin/meseta job history quickstart.tick    the runs of a job, every five seconds one",
  ];
  readonly #tasks: Quickstart;
  readonly #service: QuickstartService | undefined;
  readonly #job: QuickstartJob | undefined;

  /** `readMs`: how long who watches is given for each line. */
  constructor({ masters, agents, init, metronome, dir }: Ready, readMs: number, say: (line: string) => void) {
    const homePort = Number(new URL(agents[0]!).port);
    this.#tasks = new Quickstart({ masters, dir, homePort, say });
    if (metronome !== null) this.#job = new QuickstartJob(metronome, say);
    if (init !== null) this.#service = new QuickstartService({ init, masters, dir, say, readMs });
  }

  start(): void {
    this.#tasks.start();
    this.#job?.start();
    this.#service?.start();
  }

  /** What stands above the picture. */
  get heading(): string[] {
    return [...(this.#service?.heading ?? []), ...(this.#job?.heading ?? [])];
  }

  /** Nothing new is started; ends are still heard. */
  rest(): void {
    this.#tasks.rest();
    this.#service?.close();
    this.#job?.close();
  }

  close(): void {
    this.#tasks.close();
  }
}
