import { connect, createServer, type Server, type Socket } from "node:net";

/** A network between a client and one server that loses what it is told to lose. */
export class Relay implements AsyncDisposable {
  readonly host: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What the server says is kept back, and the connection cut, from the first word that `cutsAnswers` is true for. */
  cutsAnswers: ((bytes: Buffer) => boolean) | undefined;
  /** What clients say is kept here instead of passed on; `release` passes it on. */
  readonly #held: (() => void)[] = [];
  holds = false;

  static start(target: string): Promise<Relay> {
    return new Promise((resolve) => {
      const server = createServer();
      server.listen(0, "127.0.0.1", () => resolve(new Relay(server, target)));
    });
  }

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
    const [host, port] = target.split(":");
    server.on("connection", (near) => {
      const far = connect(Number(port), host);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
      }
      near.on("data", (bytes: Buffer) => {
        if (this.holds) this.#held.push(() => far.write(bytes));
        else far.write(bytes);
      });
      far.on("data", (bytes: Buffer) => {
        if (this.cutsAnswers?.(bytes)) near.destroy();
        else near.write(bytes);
      });
      far.on("close", () => near.destroy());
      // What it had said goes on its way all the same.
      near.on("close", () => this.holds || this.#held.length > 0 || far.destroy());
    });
  }

  /** How many pieces of what clients said are being kept. */
  get held(): number {
    return this.#held.length;
  }

  release(): void {
    this.holds = false;
    for (const pass of this.#held.splice(0)) pass();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
