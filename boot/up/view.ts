import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { MasterClient } from "@meseta/sdk/operator/master.ts";
import type { Terminal } from "@meseta/shell/io/terminal.ts";
import { createPicture, draw, see } from "./picture.ts";

const FRAME_MS = 100;

/** The live view of a cluster: redrawn in place on a terminal, a line for each change elsewhere. */
export class View {
  readonly #terminal: Terminal;
  readonly #client: MasterClient;
  readonly #heading: () => string[];
  readonly #picture = createPicture();
  #drawnLines = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(terminal: Terminal, masters: readonly string[], heading: () => string[]) {
    this.#terminal = terminal;
    this.#client = connectMaster(masters);
    this.#heading = heading;
  }

  /** Watches until `close`; the client waits for a master that went away. */
  async watch(): Promise<void> {
    for await (const event of this.#client.events()) {
      if (this.#closed) break;
      this.#changed(see(this.#picture, event));
    }
  }

  /** One last picture, which stays on the terminal. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#client.close();
    if (this.#terminal.live) this.#redraw();
  }

  /** Says something above the picture. */
  say(line: string): void {
    if (!this.#terminal.live) return this.#terminal.out(`${line}\n`);
    this.#erase();
    this.#terminal.out(`${line}\n`);
    this.#redraw();
  }

  #changed(line: string | undefined): void {
    if (!this.#terminal.live) {
      if (line !== undefined) this.#terminal.out(`${line}\n`);
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#redraw();
    }, FRAME_MS);
  }

  #redraw(): void {
    const width = this.#terminal.width ?? 80;
    const heading = this.#heading();
    const lines = [
      ...heading,
      ...(heading.length > 0 ? [""] : []),
      ...draw(this.#picture, width, (process.stdout.rows || 24) - 8),
    ];
    this.#erase();
    this.#terminal.out(lines.map((line) => `${line}\x1b[K\n`).join(""));
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#terminal.out(`\x1b[${this.#drawnLines}A\x1b[J`);
    this.#drawnLines = 0;
  }
}
