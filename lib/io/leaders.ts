/** Which of several servers to ask: the one that answered last, or that another named as the leader. */
export class Leaders {
  readonly #urls: readonly string[];
  #index = 0;
  #named: string | undefined;

  /** URLs of servers, each "http://host:port"; at least one. */
  constructor(urls: readonly string[]) {
    if (urls.length === 0) throw new RangeError("no server is given");
    this.#urls = urls.map((url) => url.replace(/\/+$/, ""));
  }

  get url(): string {
    return this.#named ?? this.#urls[this.#index]!;
  }

  /** The list. */
  get urls(): readonly string[] {
    return this.#urls;
  }

  /** Servers of the list. */
  get count(): number {
    return this.#urls.length;
  }

  /** Different servers that are worth asking: the list, and who was named. */
  get candidates(): number {
    return this.#urls.length + (this.#named === undefined ? 0 : 1);
  }

  /** That server is no use: the next of the list, which begins anew after its end. With the `asked` one, only while it is that one's turn: of several who ask at once the first moves on for all. */
  next(asked = this.url): void {
    if (asked !== this.url) return;
    // A leader that was named and is gone says nothing about the list: whoever named it may know the new one.
    if (this.#named === undefined) this.#index = (this.#index + 1) % this.#urls.length;
    this.#named = undefined;
  }

  /** A Location header: "//host:port/path" as Mesos sends it, or a whole URL. Its path does not matter here. */
  follow(location: string): void {
    const url = URL.parse(location, this.url);
    if (url !== null) this.#named = url.origin;
    else this.next();
  }
}
