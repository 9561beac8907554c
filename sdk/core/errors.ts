/** The peer was reached and refused the call. `text` is its own explanation. */
export class CallRefused extends Error {
  override name = "CallRefused";
  readonly url: string;
  readonly call: string;
  readonly status: number;
  readonly text: string;

  constructor(url: string, call: string, status: number, text: string) {
    super(`${call} was refused by ${url} with ${status}: ${text}`);
    this.url = url;
    this.call = call;
    this.status = status;
    this.text = text;
  }
}

/** A call of a subscribed client while it has no stream; it becomes possible again with the next SUBSCRIBED event. */
export class Disconnected extends Error {
  override name = "Disconnected";

  constructor() {
    super("not subscribed at this moment");
  }
}

/** No answer came: from any master, init or cron, or from the one agent that was asked. */
export class Unreachable extends Error {
  override name = "Unreachable";
  readonly who: "master" | "agent" | "init" | "cron";
  readonly url: string;

  constructor(who: Unreachable["who"], url: string, reason: string) {
    super(reason);
    this.who = who;
    this.url = url;
  }
}
