import type { Deeds, Verb, Verbs } from "./stories/chapter.ts";
import { faultDeeds } from "./stories/faults.ts";
import { frameworkDeeds } from "./stories/frameworks.ts";
import { Jobs } from "./stories/jobs.ts";
import { operatorDeeds } from "./stories/operators.ts";
import { questionVerbs } from "./stories/questions.ts";
import { Services } from "./stories/services.ts";
import { milliseconds, openStage, type Stage } from "./stories/stage.ts";

/** A block of a scenario file: commands, and what the datacenter answered. */
export interface Block {
  commands: string[];
  answer: string[];
}

/**
 * Reads a scenario file: comment lines with `#`, then blocks of commands, a line `----`, and the answer, which ends at
 * an empty line.
 */
export function parseScenario(text: string): { heading: string[]; blocks: Block[] } {
  const lines = text.split("\n");
  const heading = lines.slice(
    0,
    Math.max(
      0,
      lines.findIndex((line) => !line.startsWith("#")),
    ),
  );
  const blocks: Block[] = [];
  let block: Block | undefined;
  let answering = false;
  for (const line of lines.slice(heading.length)) {
    if (line.trim() === "") {
      if (answering) block = undefined;
      answering = false;
    } else if (line === "----") answering = true;
    else if (answering) block!.answer.push(line);
    else {
      if (block === undefined) blocks.push((block = { commands: [], answer: [] }));
      block.commands.push(line);
    }
  }
  return { heading, blocks };
}

export function printScenario(heading: string[], blocks: Block[]): string {
  const parts = blocks.map(({ commands, answer }) => [...commands, "----", ...answer].join("\n"));
  return `${[heading.join("\n"), ...parts].join("\n\n")}\n`;
}

/** Plays the commands of a scenario on a simulated cluster; returns the answer to each block. */
export async function playScenario(blocks: readonly Block[]): Promise<string[][]> {
  let play: Play | undefined;
  const answers: string[][] = [];
  for (const { commands } of blocks) {
    for (const command of commands) {
      const line = parseCommand(command);
      if (line.verb === "agents") play = new Play(await openStage(line.settings, line.names[0]!));
      else if (play === undefined) throw new Error("a scenario begins with `agents N`");
      else await play.command(line);
    }
    answers.push(play?.stage.takeLines() ?? []);
  }
  return answers;
}

interface Command {
  readonly verb: string;
  readonly names: string[];
  readonly settings: ReadonlyMap<string, string>;
}

/** `VERB NAME … setting=value …`; the word `for` is for who reads it. */
function parseCommand(line: string): Command {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  const isSetting = (word: string): boolean => word.includes("=");
  const settings = words.filter(isSetting).map((word) => word.split("=") as [string, string]);
  return { verb, names: words.filter((word) => !isSetting(word) && word !== "for"), settings: new Map(settings) };
}

/** A story under way: whose commands there are. */
class Play {
  readonly stage: Stage;
  readonly #deeds: Deeds;
  readonly #questions: Verbs;

  constructor(stage: Stage) {
    this.stage = stage;
    this.#questions = questionVerbs(stage);
    this.#deeds = {
      wait: (_, duration) => stage.cluster.run(milliseconds(duration)),
      init: () => stage.begin(new Services(stage)),
      cron: () => stage.begin(new Jobs(stage)),
      ...faultDeeds(stage),
      ...frameworkDeeds(stage),
      ...operatorDeeds(stage),
    };
  }

  async command({ verb, names, settings }: Command): Promise<void> {
    const deed = this.#deeds[verb];
    if (deed !== undefined) return void (await deed(settings, ...names));
    const told = this.#telling(verb)(settings, ...names);
    // Who answers needs a moment.
    if (told instanceof Promise) await this.stage.cluster.run(100);
    this.stage.tell(await told);
  }

  #telling(verb: string): Verb {
    const tables = [this.#questions, ...this.stage.chapters.map(({ verbs }) => verbs)];
    const found = tables.find((table) => verb in table)?.[verb];
    if (found === undefined) throw new Error(`no such command in a scenario: ${verb}`);
    return found;
  }
}
