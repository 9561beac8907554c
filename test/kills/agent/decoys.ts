import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { line, parseLine } from "@meseta/drivers/launch/protocol.ts";
import { recordLine } from "@meseta/drivers/launch/record-line.ts";
import { find } from "@meseta/drivers/launch/start.ts";

/** Processes of nobody that have the pids which a launcher wrote down for its tasks: as if those had ended, and their pids had been given out again. */
export class Decoys {
  readonly #children: ChildProcess[] = [];

  /** In the record of a launcher that is dead, each of these pids becomes that of a decoy; the times at which they started stay. */
  place(record: string, pids: ReadonlySet<number>): void {
    const lines = readFileSync(record, "utf8")
      .split("\n")
      .map((line) => {
        const [, kind, id, pid, ...rest] = line.split("\t");
        return kind === "S" && pids.has(Number(pid)) ? recordLine(kind, id!, this.#make(), ...rest).trimEnd() : line;
      });
    writeFileSync(record, lines.join("\n"));
  }

  /** How many there are, and how many still live. */
  count(): { all: number; alive: number } {
    const alive = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    return { all: this.#children.length, alive: alive.length };
  }

  end(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  #make(): number {
    const child = spawn("/bin/sleep", ["1000000"], { stdio: "ignore" });
    this.#children.push(child);
    return child.pid!;
  }
}

/** Kills the launcher of that folder, and resolves when it is gone. */
export async function killLauncher(dir: string): Promise<void> {
  const socket = await find(dir);
  if (socket === undefined) return;
  const gone = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  let said = "";
  socket.on("data", (bytes) => {
    said += bytes;
    const message = parseLine(said.split("\n")[0]!);
    if (said.includes("\n") && message?.type === "hello") process.kill(message.pid, "SIGKILL");
  });
  socket.write(line("hello"));
  await gone;
}
