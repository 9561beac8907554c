import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { GrpcRefused } from "./grpc.ts";
import { refusal } from "./refusal.ts";
import { elapsedMs, MACHINE, type Surroundings } from "./surroundings.ts";

export interface Patience {
  /** How long a call may take in all, over however many members. */
  readonly wholeMs: number;
  /** How long one member may take, while others might be faster. */
  readonly attemptMs: number;
}

/** A member that is cut off keeps a call until its own time is over; another one may answer at once. */
export const PATIENCE: Patience = { wholeMs: 10_000, attemptMs: 2_500 };

/** One connection to one member. */
export interface Channel<Message, Answer> {
  readonly broken: boolean;
  /** Rejects with GrpcRefused or GrpcUnanswered, after `timeoutMs` at the latest. */
  call(method: string, message: Message, timeoutMs: number): Promise<Answer>;
  /** Calls that are under way fail. */
  close(): void;
}

/**
 * The members of an etcd. A call goes to the one that answered last; when it does not answer, or has no leader, to the next, for as long as
 * patience lasts. So a call may be carried out more than once: only such are made that may be. Where no member answers in its time, each is given more: of an etcd
 * that is slower than expected something is heard in the end.
 */
export class Members<Message, Answer> {
  readonly #hosts: readonly string[];
  readonly #open: (host: string) => Channel<Message, Answer>;
  readonly #patience: Patience;
  readonly #surroundings: Surroundings;
  #at = 0;
  #channel: Channel<Message, Answer> | undefined;
  #closed = false;
  /** Of the calls before, so many in a row were not answered in time, or only because there was more of it. */
  #slow = 0;

  /** `open` connects to one of the hosts. */
  constructor(
    hosts: readonly string[],
    open: (host: string) => Channel<Message, Answer>,
    patience: Patience = PATIENCE,
    surroundings: Surroundings = MACHINE,
  ) {
    this.#hosts = hosts;
    this.#open = open;
    this.#patience = patience;
    this.#surroundings = surroundings;
  }

  /** Rejects with GrpcRefused where etcd says what was wrong with the call itself, else with StoreFailed. */
  async call(method: string, message: Message, { wholeMs, attemptMs } = this.#patience): Promise<Answer> {
    const startNs = this.#surroundings.steadyNs();
    const leftMs = (): number => wholeMs - elapsedMs(this.#surroundings, startNs);
    for (let attempt = 1; ; attempt++) {
      const round = Math.floor((attempt - 1) / this.#hosts.length);
      const timeoutMs = Math.max(1, Math.min(attemptMs * 2 ** (this.#slow + round), leftMs()));
      const sentNs = this.#surroundings.steadyNs();
      const tookMs = (): number => elapsedMs(this.#surroundings, sentNs);
      try {
        const answer = await this.#current().call(method, message, timeoutMs);
        if (tookMs() < attemptMs) this.#slow = 0;
        return answer;
      } catch (error) {
        if (error instanceof GrpcRefused && !mayPass(error)) throw error;
        this.#next();
        const pauseMs = pauseAfter(attempt, this.#hosts.length);
        if (this.#closed || pauseMs >= leftMs()) {
          if (tookMs() >= timeoutMs) this.#slow = Math.min(this.#slow + 1, SLOWEST);
          throw this.#gone(error as Error);
        }
        await this.#surroundings.wait(pauseMs);
      }
    }
  }

  /** Calls that are under way fail. */
  close(): void {
    this.#closed = true;
    this.#channel?.close();
  }

  #current(): Channel<Message, Answer> {
    if (this.#channel === undefined || this.#channel.broken)
      this.#channel = this.#open(this.#hosts[this.#at % this.#hosts.length]!);
    return this.#channel;
  }

  #next(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#at++;
  }

  #gone(error: Error): StoreFailed {
    if (this.#closed) return new StoreFailed("the store is closed");
    const members = this.#hosts.join(", ");
    if (error instanceof GrpcRefused) return refusal(error, members);
    return new StoreFailed(
      `no etcd answers at ${members}: ${error.message}. Is it running, and does this machine reach it? Try: etcdctl --endpoints ${this.#hosts.join(",")} endpoint status`,
    );
  }
}

/** An attempt that is that often doubled is as long as any call. */
const SLOWEST = 4;

// At once to each other member, then slower.
function pauseAfter(attempt: number, members: number): number {
  const rounds = Math.floor(attempt / members);
  return attempt % members === 0 ? Math.min(500, 25 * 2 ** rounds) : 0;
}

const [CANCELLED, UNKNOWN, DEADLINE, EXHAUSTED, INTERNAL, UNAVAILABLE] = [1, 2, 4, 8, 13, 14];

// Without a leader, while one is elected, or when the member ends: another one may know better, and so may this one later.
function mayPass({ status, message }: GrpcRefused): boolean {
  if (status === EXHAUSTED) return message.includes("too many requests");
  return [CANCELLED, UNKNOWN, DEADLINE, INTERNAL, UNAVAILABLE].includes(status);
}
