import type { Socket } from "node:net";
import { type LauncherExit, type LauncherMessage, line, parseLine, type SpawnOrder, spawnLine } from "./protocol.ts";
import { attach, find, type StartOptions } from "./start.ts";

const version = 1;
const retryMaxMs = 5_000;
const retryFirstMs = 50;
const startingMs = 5;
const startingMaxMs = 10_000;
const orderMaxChars = (4 * 1024 * 1024) / 3 - 1;
const acknowledgedKept = 1000;
const attemptsAtOnce = 5;

export interface LauncherOptions extends StartOptions {
  readonly on: (event: LauncherEvent) => void;
  /** How long `open` waits for what an earlier life has begun to start; absent: 10 s. */
  readonly settleMs?: number;
}

/** A running process of the launcher. */
export interface LauncherTask {
  readonly id: string;
  readonly pid: number;
  readonly startTimeTicks: number;
}

/** What of somebody ran, and what had ended without being acknowledged, when the connection was made. */
export interface LauncherFound {
  readonly tasks: readonly LauncherTask[];
  readonly exits: readonly LauncherExit[];
}

export type LauncherEvent =
  | ({ readonly type: "started" } & LauncherTask)
  | {
      readonly type: "failed";
      readonly id: string;
      readonly stage: string;
      readonly errno: number;
      readonly text: string;
    }
  | ({ readonly type: "exit" } & LauncherExit)
  /** A word for the log: the launcher was restarted, its disk is full, it refused a line. */
  | { readonly type: "trouble"; readonly text: string };

/**
 * The agent's side of its launcher. Starts it or attaches to the one that still runs, pipelines orders, and starts another
 * when it dies, which adopts the tasks. Orders without an answer are given again then; the launcher knows each id once.
 */
export class Launcher {
  readonly pid: number;
  readonly #options: LauncherOptions;
  readonly #found: LauncherFound;
  readonly #owners = new Map<string, (event: LauncherEvent) => void>();
  readonly #fifos = new Map<string, Wanted[]>();
  #stopping = false;
  #socket: Socket | undefined;
  #rest = "";
  #outbox: string[] = [];
  #flushing = false;
  #closed = false;
  readonly #unanswered = new Map<string, string>();
  readonly #dying = new Set<string>();
  readonly #live = new Set<string>();
  readonly #starting = new Set<string>();
  readonly #seen = new Set<number>();
  readonly #acknowledged = new Set<string>();

  /** Ready when the launcher answered and its inventory is read. Throws when no launcher can be started, saying why. */
  static async open(options: LauncherOptions): Promise<Launcher> {
    const { settleMs = startingMaxMs } = options;
    const { socket, inventory } = await meet(options, (socket) => settledInventory(socket, settleMs));
    return new Launcher(options, socket, inventory);
  }

  private constructor(options: LauncherOptions, socket: Socket, inventory: Inventory) {
    this.#options = options;
    this.pid = inventory.pid;
    this.#found = inventory;
    for (const task of inventory.tasks) this.#live.add(task.id);
    for (const exit of inventory.exits) this.#seen.add(exit.number);
    this.#listen(socket, inventory.rest);
  }

  /** What nobody has claimed of all that was there when this side attached. Those exits are not told again by `on`. */
  get found(): LauncherFound & { readonly pid: number } {
    const free = ({ id }: { readonly id: string }) => !this.#ownerOf(id);
    return { pid: this.pid, tasks: this.#found.tasks.filter(free), exits: this.#found.exits.filter(free) };
  }

  /** From now on whatever has an id that begins like this is told to this owner and to nobody else; answers what was there of it. */
  claim(prefix: string, on: (event: LauncherEvent) => void): LauncherFound {
    this.#owners.set(prefix, on);
    const mine = ({ id }: { readonly id: string }) => id.startsWith(prefix);
    return { tasks: this.#found.tasks.filter(mine), exits: this.#found.exits.filter(mine) };
  }

  /** Makes a FIFO of mode 0600, or finds it there. Rejects with the system's words. */
  makeFifo(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fifos.set(path, [...(this.#fifos.get(path) ?? []), { resolve, reject }]);
      this.#send(line("fifo", path));
    });
  }

  /** Ends in `started` or `failed`. */
  spawn(order: SpawnOrder): void {
    const text = spawnLine(order);
    const wrong = wrongOrder(order.id, text);
    if (wrong)
      return void queueMicrotask(() =>
        this.#hear({ type: "failed", id: order.id, stage: "spec", errno: 22, text: wrong }),
      );
    this.#unanswered.set(order.id, text);
    this.#send(text);
  }

  /** `number` is the signal's. Nothing happens when the container does not run. */
  signal(id: string, number: number, to: "leader" | "group" | "all"): void {
    this.#send(line("signal", id, number, to));
  }

  /** Kills all of it; the exit event follows. */
  destroy(id: string): void {
    this.#dying.add(id);
    this.#send(line("destroy", id));
  }

  /** This exit is stored: the launcher may forget it. */
  acknowledge(exit: LauncherExit): void {
    this.#seen.delete(exit.number);
    this.#acknowledged.add(nameOf(exit));
    if (this.#acknowledged.size > acknowledgedKept) this.#acknowledged.delete(this.#acknowledged.keys().next().value!);
    this.#send(line("ack", exit.number));
  }

  /** Kills whoever is left in this cgroup folder, which no known container owns, and removes it. */
  sweep(folder: string): void {
    this.#send(line("sweep", folder));
  }

  /** Lets go of the launcher and says nothing more; the launcher stays while it has something to watch. */
  close(): void {
    this.#closed = true;
    this.#flush();
    this.#socket?.end();
    this.#socket = undefined;
  }

  /** Ends the launcher if no task runs, and lets go of it. Resolves when it is gone or has refused. */
  async stop(): Promise<void> {
    this.#closed = true;
    this.#stopping = true;
    const socket = this.#socket ?? (await find(this.#options.dir));
    if (!socket) return;
    this.#outbox.push(line("stop"));
    socket.write(this.#outbox.splice(0).join(""));
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.on("data", (bytes) => String(bytes).includes("error\tstop") && socket.end());
    });
    this.#socket = undefined;
  }

  #send(text: string): void {
    this.#outbox.push(text);
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  // All orders of one turn go out in one write.
  #flush(): void {
    this.#flushing = false;
    if (!this.#socket || this.#outbox.length === 0) return;
    this.#socket.write(this.#outbox.join(""));
    this.#outbox = [];
  }

  #listen(socket: Socket, rest: string): void {
    this.#socket = socket;
    this.#rest = rest;
    socket.setEncoding("utf8");
    socket.on("data", (text) => this.#read(String(text)));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#lost(socket));
    socket.resume();
    // Later, so that whoever opened this has it in hand when the first event comes.
    if (rest.includes("\n")) setImmediate(() => this.#read(""));
  }

  #read(text: string): void {
    if (this.#closed) return;
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const one of lines) {
      const message = parseLine(one);
      if (message) this.#hear(message);
    }
  }

  #hear(message: LauncherMessage): void {
    switch (message.type) {
      case "started":
        // Also one that an earlier life of the agent asked for; but not one that is known already and only told to somebody else.
        if (!this.#unanswered.delete(message.id) && this.#live.has(message.id)) return;
        this.#starting.delete(message.id);
        this.#live.add(message.id);
        return this.#tell({ ...message, type: "started" });
      case "failed":
        this.#unanswered.delete(message.id);
        this.#starting.delete(message.id);
        this.#dying.delete(message.id);
        return this.#tell(message);
      case "made":
        return this.#made(message);
      case "exit":
        return this.#exited(message);
      case "disk":
        return this.#trouble(
          message.text === "ok"
            ? "the launcher can write its record again"
            : `the launcher cannot write its record and refuses new tasks: ${message.text}`,
        );
      case "error":
        return this.#trouble(`the launcher refused an order: ${message.text}`);
      case "hello":
      case "task":
      case "listed":
      case "pong":
        return;
    }
  }

  // The launcher tells every unacknowledged exit to each new connection; here each is heard once, and after its start.
  #exited(exit: LauncherExit): void {
    if (this.#seen.has(exit.number)) return;
    if (this.#acknowledged.has(nameOf(exit))) {
      // The launcher died before it could write that down.
      return this.#send(line("ack", exit.number));
    }
    if (!this.#live.has(exit.id))
      this.#hear({ type: "started", id: exit.id, pid: exit.pid, startTimeTicks: exit.startTimeTicks });
    this.#dying.delete(exit.id);
    this.#live.delete(exit.id);
    this.#seen.add(exit.number);
    this.#tell({ type: "exit", ...exit });
  }

  #made({ path, errno, text }: { path: string; errno: number; text: string }): void {
    for (const { resolve, reject } of this.#fifos.get(path) ?? [])
      if (errno === 0) resolve();
      else reject(new Error(`${path}: ${text}`));
    this.#fifos.delete(path);
  }

  #tell(event: Exclude<LauncherEvent, { readonly type: "trouble" }>): void {
    (this.#ownerOf(event.id) ?? this.#options.on)(event);
  }

  #ownerOf(id: string): ((event: LauncherEvent) => void) | undefined {
    for (const [prefix, on] of this.#owners) if (id.startsWith(prefix)) return on;
    return undefined;
  }

  #trouble(text: string): void {
    this.#options.on({ type: "trouble", text });
  }

  #lost(socket: Socket): void {
    if (this.#socket === socket) this.#socket = undefined;
    if (!this.#closed) void this.#reattach(0);
  }

  async #reattach(attempt: number): Promise<void> {
    if (attempt > 0) await pause(Math.min(retryMaxMs, retryFirstMs * 2 ** (attempt - 1)));
    if (this.#closed) return;
    try {
      const { socket, inventory } = await meet(this.#options, readInventory);
      this.#resume(socket, inventory);
    } catch (error) {
      this.#trouble(`no launcher, the next try follows: ${(error as Error).message}`);
      await this.#reattach(attempt + 1);
    }
  }

  #resume(socket: Socket, inventory: Inventory): void {
    if (this.#closed) return void socket.resume().end(this.#stopping ? line("stop") : "");
    this.#trouble("attached to the launcher again");
    for (const exit of inventory.exits) this.#exited(exit);
    for (const task of inventory.tasks) this.#resumeTask(task);
    const known = new Set(inventory.tasks.map((task) => task.id));
    for (const id of this.#live) if (!known.has(id)) this.#vanished(id);
    for (const id of this.#starting)
      if (!known.has(id))
        this.#hear({ type: "failed", id, stage: "machine", errno: 0, text: "the launcher died before it started" });
    const others = this.#outbox.filter((order) => !/^(?:spawn|destroy|fifo)\t/.test(order));
    for (const path of this.#fifos.keys()) others.unshift(line("fifo", path));
    this.#outbox = [...this.#unanswered.values(), ...[...this.#dying].map((id) => line("destroy", id)), ...others];
    this.#listen(socket, inventory.rest);
    this.#flush();
  }

  // Only what the launcher has never heard of is asked for again: what it knows may have ended, and be forgotten, by then.
  #resumeTask(task: LauncherTask): void {
    if (!this.#unanswered.has(task.id)) return;
    if (task.pid > 0) return this.#hear({ ...task, type: "started" });
    this.#unanswered.delete(task.id);
    this.#starting.add(task.id);
  }

  // Its record is gone too, for example with the folder: nobody will ever tell its end.
  #vanished(id: string): void {
    this.#exited({
      number: -1,
      id,
      pid: 0,
      startTimeTicks: 0,
      waitStatus: "lost",
      memoryKills: 0,
      peakBytes: 0,
      why: "launcher died",
    });
    this.#seen.delete(-1);
  }
}

interface Inventory extends LauncherFound {
  readonly pid: number;
  readonly rest: string;
}

interface Wanted {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

// Numbers begin again when the launcher's folder is gone.
function nameOf({ number, id, pid }: LauncherExit): string {
  return `${number} ${id} ${pid}`;
}

function wrongOrder(id: string, text: string): string | undefined {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/.test(id)) return `not a valid container id: ${id}`;
  // A character takes at most three bytes, and the launcher takes lines of four MiB; the kernel itself takes about two.
  return text.length > orderMaxChars ? "the command and its environment are too long" : undefined;
}

// A launcher that is on its way out may still take the call and never answer it: then its successor is asked.
async function meet(
  options: StartOptions,
  read: (socket: Socket) => Promise<Inventory>,
): Promise<{ socket: Socket; inventory: Inventory }> {
  for (let attempt = 1; ; attempt++) {
    const socket = await attach(options);
    try {
      return { socket, inventory: await read(socket) };
    } catch (error) {
      if (attempt === attemptsAtOnce) throw error;
    }
  }
}

// What an earlier life of the agent asked for may be starting just now: its pid, or its failure, is a moment away. One that hangs is not
// waited for: it is killed, and told as failed.
async function settledInventory(socket: Socket, settleMs: number): Promise<Inventory> {
  let inventory = await readInventory(socket);
  const until = performance.now() + settleMs;
  const killed = new Set<string>();
  for (let starting = startingIn(inventory); starting.length > 0; starting = startingIn(inventory)) {
    await pause(startingMs);
    const late = performance.now() > until ? starting.filter((id) => !killed.has(id)) : [];
    for (const id of late) {
      killed.add(id);
      socket.write(line("destroy", id));
    }
    inventory = await readInventory(socket, inventory.rest);
  }
  return inventory;
}

function startingIn({ tasks }: Inventory): string[] {
  return tasks.flatMap(({ id, pid }) => (pid === 0 ? [id] : []));
}

/**
 * Asks for all that the launcher knows; what follows the answer on the socket is left in `rest`. Who asks for exits is told of each new one as well, so whoever asks twice
 * may hear of one twice.
 */
function readInventory(socket: Socket, rest = ""): Promise<Inventory> {
  socket.write(line("hello") + line("exits", 0) + line("list") + line("ping", "inventory"));
  const decoder = new TextDecoder();
  const tasks: LauncherTask[] = [];
  const exits = new Map<number, LauncherExit>();
  let [text, pid] = [rest, 0];
  return new Promise((resolve, reject) => {
    const done = () => socket.pause().off("data", read).off("close", lost).off("error", lost);
    const lost = () => {
      done();
      socket.destroy();
      reject(new Error("the launcher went away before it answered"));
    };
    const refuse = (theirs: number) => {
      done();
      socket.destroy();
      reject(
        new Error(
          `the launcher that runs here speaks version ${theirs} and this agent version ${version}: end its tasks with the agent that started it`,
        ),
      );
    };
    const read = (bytes: Uint8Array) => {
      const lines = (text + decoder.decode(bytes, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      for (const [at, one] of lines.entries()) {
        const message = parseLine(one);
        if (message?.type === "hello") pid = message.pid;
        if (message?.type === "hello" && message.version !== version) return refuse(message.version);
        if (message?.type === "task") tasks.push(message);
        if (message?.type === "exit") exits.set(message.number, message);
        if (message?.type !== "pong") continue;
        done();
        return resolve({ pid, tasks, exits: [...exits.values()], rest: [...lines.slice(at + 1), text].join("\n") });
      }
    };
    socket.on("data", read).on("close", lost).on("error", lost).resume();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
