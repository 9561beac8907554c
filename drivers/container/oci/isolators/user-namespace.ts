/** Ids of this machine that belong to containers: `first` is root inside, and `count` ids follow it. */
export interface IdRange {
  readonly first: number;
  readonly count: number;
}

export interface OciIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** Reads "100000:65536". Undefined when it is not that, or would give ids of the machine's own users away. */
export function parseIdRange(text: string): IdRange | undefined {
  const [, first, count] = /^(\d{1,10}):(\d{1,10})$/.exec(text)?.map(Number) ?? [];
  if (first === undefined || count === undefined || first < 65_536 || count < 1) return undefined;
  return first + count <= 2 ** 32 - 2 ? { first, count } : undefined;
}

/** The mapping that `linux.uidMappings` and `gidMappings` both are. */
export function idMappings(range: IdRange): OciIdMapping[] {
  return [{ containerID: 0, hostID: range.first, size: range.count }];
}

/** The machine's id of an id inside; undefined when the range does not reach it. */
export function hostId(id: number, range: IdRange | undefined): number | undefined {
  if (!range) return id;
  return id < range.count ? range.first + id : undefined;
}
