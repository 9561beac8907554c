import { Cluster, type Plan } from "../cluster.ts";
import type { Chapter, Say, Settings } from "./chapter.ts";
import { clockText } from "./names.ts";

/** Where a story takes place: the cluster, the frameworks of the house that run on it, and what has been told. */
export class Stage {
  readonly cluster: Cluster;
  /** When the story begins. */
  readonly startMs: number;
  readonly chapters: Chapter[] = [];
  readonly #lines: string[] = [];
  readonly #hostnames = new Map<string, string>();

  constructor(plan: Plan) {
    this.cluster = new Cluster(7, plan);
    this.cluster.network.weather.maxDelayMs = 1;
    this.startMs = this.cluster.world.nowMs;
  }

  /** What has been told since the last time. */
  takeLines(): string[] {
    return this.#lines.splice(0);
  }

  tell(lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  readonly say: Say = (what) => {
    this.#lines.push(`${clockText(this.cluster.world.nowMs - this.startMs)}  ${what}`);
  };

  /** Says that something begins, and undoes it after that time. */
  forAWhile(duration: string, begun: string, undo: () => void, ended: string): void {
    this.say(begun);
    this.cluster.world.after(milliseconds(duration), () => {
      undo();
      this.say(ended);
    });
  }

  /** A framework of the house is started, and has a moment to load what it stored. */
  async begin(chapter: Chapter): Promise<void> {
    this.chapters.push(chapter);
    await this.cluster.run(1);
  }

  agentId(hostname: string): string {
    const { agents } = this.cluster.master.core!.state;
    return [...agents.values()].find(({ info }) => info.hostname === hostname)!.id;
  }

  /** Its hostname, also when the master has forgotten it. */
  agentName(id: string | undefined): string {
    if (id === undefined) return "";
    const state = this.cluster.master.core?.state;
    const hostname = (state?.agents.get(id) ?? state?.unreachableAgents.get(id))?.info.hostname;
    if (hostname !== undefined) this.#hostnames.set(id, hostname);
    return this.#hostnames.get(id) ?? id;
  }
}

/** Opens it with `agents N cpus=C mem=MIB masters=N`. */
export async function openStage(settings: Settings, count: string): Promise<Stage> {
  const masters = settings.get("masters");
  const stage = new Stage({
    agents: Number(count),
    resources: `cpus:${settings.get("cpus") ?? 4};mem:${settings.get("mem") ?? 4096};disk:10240;ports:[31000-32000]`,
    ...(masters !== undefined && { masters: Number(masters), isBrisk: true }),
  });
  stage.cluster.start();
  await stage.cluster.run(5_000);
  return stage;
}

/** `250ms`, `10s`, `5m`, `1h`. */
export function milliseconds(text: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new Error(`not a duration in a scenario: ${text}`);
  return Number(match[1]) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] as "ms" | "s" | "m" | "h"];
}
