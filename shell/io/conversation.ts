import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import type { ContainerInput } from "@meseta/sdk/operator/container-input.ts";
import type { ContainerOutput } from "@meseta/sdk/operator/container-output.ts";
import { createDetachKeys } from "../core/detach-keys.ts";
import { Keyboard, windowSize } from "./keyboard.ts";
import type { Terminal } from "./terminal.ts";

export interface Ways {
  /** Whether what is typed here is passed on; if not, its input is ended at once, or left alone. */
  readonly stdin: "pass" | "end" | "leave";
  /** It has a terminal: keys are passed on as they are, and it learns the size of the window. */
  readonly tty: boolean;
  /** Ctrl-P Ctrl-Q leaves. */
  readonly detachable: boolean;
}

/** Joins this process' stdin, stdout and stderr with a container, until that has ended, or the user has left it. */
export async function converse(
  agent: AgentClient,
  id: ContainerID,
  output: ContainerOutput,
  ways: Ways,
  terminal: Terminal,
): Promise<"ended" | "left"> {
  const over = Promise.withResolvers<"ended" | "left">();
  const input = ways.stdin === "leave" ? undefined : agent.attachContainerInput(id);
  input?.done.catch((error: unknown) => isNews(error, ways) && over.reject(error));
  using _ = new Resizes(ways.tty ? input : undefined);
  using __ = ways.stdin === "pass" ? keyboardFor(input!, ways, () => over.resolve("left")) : undefined;
  if (ways.stdin === "end") await endOf(input!);
  print(output, terminal).then(() => over.resolve("ended"), over.reject);
  try {
    const how = await over.promise;
    if (how === "left") await leave(input);
    return how;
  } finally {
    output.close();
    input?.close();
  }
}

const LEAVE_MS = 2_000;

/** Until the agent has let go of us: whoever takes the container up again at once would be told that it has a writer already. */
async function leave(input: ContainerInput | undefined): Promise<void> {
  input?.close();
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, LEAVE_MS);
  await Promise.race([input?.done.catch(() => {}), late.promise]);
  clearTimeout(timer);
}

// Who only wanted to end the input, or comes after the container's end, has lost nothing.
function isNews(error: unknown, { stdin }: Ways): boolean {
  return stdin === "pass" && !(error instanceof CallRefused && error.status === 404);
}

async function endOf(input: ContainerInput): Promise<void> {
  await input.end();
  input.close();
}

async function print(output: ContainerOutput, terminal: Terminal): Promise<void> {
  for await (const { from, bytes } of output)
    if (from === "stdout") terminal.out(bytes);
    else terminal.err(bytes);
}

function keyboardFor(input: ContainerInput, { tty, detachable }: Ways, leave: () => void): Keyboard {
  const keys = createDetachKeys();
  return new Keyboard(tty, {
    async typed(bytes) {
      const { pass, detached } = detachable ? keys(bytes) : { pass: bytes, detached: false };
      if (pass.length > 0) await input.write(pass);
      if (detached) leave();
    },
    ended: () => void input.end(),
  });
}

/** Tells the size of the window, now and whenever it changes. */
class Resizes implements Disposable {
  readonly #input: ContainerInput | undefined;

  constructor(input: ContainerInput | undefined) {
    this.#input = input;
    if (input === undefined) return;
    this.#tell();
    process.on("SIGWINCH", this.#tell);
  }

  [Symbol.dispose](): void {
    process.off("SIGWINCH", this.#tell);
  }

  readonly #tell = (): void => {
    const size = windowSize();
    if (size !== undefined) void this.#input?.resize(size);
  };
}
