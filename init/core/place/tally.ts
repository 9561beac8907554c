/** How many placed instances of a service, old and new ones, have each value of one field. Kept up to date as they come and go, so a check never walks them. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** The instances for each value that has any, the first placed one's value first. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  add(value: string | undefined): void {
    if (value !== undefined) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  remove(value: string | undefined): void {
    if (value === undefined) return;
    const left = (this.#counts.get(value) ?? 0) - 1;
    if (left > 0) this.#counts.set(value, left);
    else this.#counts.delete(value);
  }
}

/** The tallies of all fields that a service's constraints name. */
export class Tallies {
  readonly #fields: ReadonlyMap<string, Tally>;

  constructor(fields: Iterable<string>) {
    this.#fields = new Map([...fields].map((field) => [field, new Tally()]));
  }

  get fields(): string[] {
    return [...this.#fields.keys()];
  }

  of(field: string): Tally | undefined {
    return this.#fields.get(field);
  }

  /** An instance got a place. `places` are its values, as `fieldsAt` says them. */
  add(places: Readonly<Record<string, string>>): void {
    for (const [field, tally] of this.#fields) tally.add(places[field]);
  }

  /** An instance left its place. */
  remove(places: Readonly<Record<string, string>>): void {
    for (const [field, tally] of this.#fields) tally.remove(places[field]);
  }
}
