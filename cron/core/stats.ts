/** How long the runs of a job took, in seconds: the newest of them, so that it stays small and forgets. Source: the histograms of Chronos. */
export class Durations {
  readonly #newest: number[] = [];
  #next = 0;
  #count = 0;

  /** How many there have been, those that are forgotten too. */
  get count(): number {
    return this.#count;
  }

  add(seconds: number): void {
    this.#newest[this.#next] = seconds;
    this.#next = (this.#next + 1) % MOST;
    this.#count++;
  }

  /** Of those that are known; 0 when there are none. */
  get mean(): number {
    const sum = this.#newest.reduce((total, seconds) => total + seconds, 0);
    return sum / Math.max(1, this.#newest.length);
  }

  /** What so much of them (0 to 1) do not take longer than; between two of them it is their weighted mean. 0 when there are none. */
  percentile(fraction: number): number {
    const sorted = this.#newest.toSorted((one, other) => one - other);
    const place = fraction * (sorted.length + 1) - 1;
    const below = Math.min(Math.max(Math.floor(place), 0), sorted.length - 1);
    const above = Math.min(below + 1, sorted.length - 1);
    const [low, high] = [sorted[below] ?? 0, sorted[above] ?? 0];
    return low + Math.min(1, Math.max(0, place - below)) * (high - low);
  }
}

const MOST = 100;
