/** Everything that was told, in order, and a way to wait for what is still to come: for tests, which never sleep. */
export class Heard<E> {
  readonly all: E[] = [];
  readonly #waiting = new Set<() => void>();

  /** Give this to whoever tells. */
  readonly on = (event: E): void => {
    this.all.push(event);
    for (const look of [...this.#waiting]) look();
  };

  /** The first event, told or to be told, that is like this. */
  first<T extends E>(isIt: (event: E) => event is T): Promise<T>;
  first(isIt: (event: E) => boolean): Promise<E>;
  first(isIt: (event: E) => boolean): Promise<E> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.all.find(isIt);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when at least so many events are like this. */
  async count(atLeast: number, isIt: (event: E) => boolean): Promise<void> {
    await this.first(() => this.all.filter(isIt).length >= atLeast);
  }
}

/** Looks again and again until it is so: for what nobody tells. The test's own time is the bound. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 2));
}
