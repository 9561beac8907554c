import type { Socket } from "node:net";
import { createInterface } from "node:readline";

// What a pull says to the agent and hears from it: lines of JSON over a socket in the images' folder.

/** Child to agent. Digests are "sha256:…". */
export type Said =
  /** The first line. */
  | { readonly pull: string }
  /** The diff ids that the image consists of: none of them may go until the pull has ended. Answered by `go` "wants". */
  | { readonly wants: readonly string[] }
  /** Asks to be the one who works on this blob or layer; answered by `go` when nobody else does. */
  | { readonly need: string }
  | { readonly done: string }
  | { readonly bytes: number; readonly of: number };

/** Agent to child. `yield`: others have waited long for this one; it is to be given back, and asked for again behind them. */
export type Told = { readonly go: string } | { readonly yield: string };

/** Calls `heard` for each whole line. An end that dies may leave half of one, which is dropped with the connection. */
export function hear<T>(socket: Socket, heard: (message: T) => void): void {
  const lines = createInterface({ input: socket });
  // It tells the socket's own errors once more, which an end that was killed amid a sentence makes; its socket closes, and that is heard.
  lines.on("error", () => {});
  lines.on("line", (line) => {
    let message: T;
    try {
      message = JSON.parse(line);
    } catch {
      socket.destroy();
      return;
    }
    heard(message);
  });
}

export function say<T extends Said | Told>(socket: Socket, message: T): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
