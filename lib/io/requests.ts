/** The requests that wait for a core's answer, by number. One whose client left is answered into nothing. */
export class Requests<Answer> {
  #next = 1;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  get size(): number {
    return this.#waiting.size;
  }

  add(answer: (answer: Answer) => void): number {
    const id = this.#next++;
    this.#waiting.set(id, answer);
    return id;
  }

  answer(id: number, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(answer);
  }
}
