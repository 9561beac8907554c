import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const patienceMs = 5_000;

/** A place in the tree and no more (open(2)). */
const O_PATH = 0o10000000;

/**
 * Presses the power button of the machine whose control socket is `qmp` in this folder (QEMU Machine Protocol). Resolves when the emulator
 * has taken it; what the guest makes of it is its own affair. Rejects when nobody answers.
 */
export async function pressPowerButton(folder: string): Promise<void> {
  // By way of a descriptor, because the path of a socket has at most 107 bytes, and so that it is not another's: the folder is its user's.
  const handle = await open(join(folder, "qmp"), O_PATH | constants.O_NOFOLLOW);
  try {
    const [socket, { uid }] = await Promise.all([handle.stat(), stat(folder)]);
    if (!socket.isSocket() || socket.uid !== uid) throw new Error("the emulator's control socket is not its own");
    await converse(`/proc/self/fd/${handle.fd}`, ["qmp_capabilities", "system_powerdown"]);
  } finally {
    await handle.close();
  }
}

// The greeting and each return is answered by the next command.
async function converse(path: string, commands: readonly string[]): Promise<void> {
  const socket = createConnection(path);
  socket.setTimeout(patienceMs, () => socket.destroy(new Error("the emulator does not answer")));
  try {
    let next = 0;
    for await (const line of createInterface({ input: socket })) {
      const message = JSON.parse(line) as Record<string, unknown>;
      if (message["error"] !== undefined) throw new Error(`the emulator refused: ${line}`);
      if (!("QMP" in message) && !("return" in message)) continue;
      if (next === commands.length) return;
      socket.write(`${JSON.stringify({ execute: commands[next++] })}\n`);
    }
    throw new Error("the emulator closed its control socket");
  } finally {
    socket.destroy();
  }
}
