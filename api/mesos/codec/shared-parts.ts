/** Messages that come again and again, word for word, in the calls of one peer after the other. */
export const SHARED: ReadonlySet<string> = new Set([
  "mesos.v1.AgentID",
  "mesos.v1.FrameworkID",
  "mesos.v1.FrameworkInfo",
  "mesos.v1.Labels",
  "mesos.v1.Resource",
]);

/** So many parts are known at a time, of so many bytes each at most: half a megabyte in all. */
const [PLACES, PLACE_BYTES] = [1024, 512];
type Known = { of: object; length: number; value: object; frozen: boolean };

/**
 * Parts of messages that were read lately, by their bytes: what says the same is the same object, which costs neither time nor memory again. Such
 * an object is frozen as soon as it belongs to two, so that neither can change what the other holds.
 */
export class SharedParts {
  readonly #bytes = new DataView(new ArrayBuffer(PLACES * PLACE_BYTES));
  readonly #known: (Known | undefined)[] = Array.from({ length: PLACES }, () => undefined);

  /** What `bytes[start..end)` says as a message of the kind `of`; undefined when it is not known. */
  find(of: object, bytes: DataView, start: number, end: number): object | undefined {
    if (end - start > PLACE_BYTES) return undefined;
    const place = placeOf(bytes, start, end);
    const known = this.#known[place];
    if (known === undefined || known.of !== of || known.length !== end - start) return undefined;
    if (!isSame(bytes, start, end, this.#bytes, place * PLACE_BYTES)) return undefined;
    if (!known.frozen) freeze(known);
    return known.value;
  }

  keep(of: object, bytes: DataView, start: number, end: number, value: object): void {
    if (end - start > PLACE_BYTES) return;
    const place = placeOf(bytes, start, end);
    for (let at = start, own = place * PLACE_BYTES; at < end; at++, own++)
      this.#bytes.setUint8(own, bytes.getUint8(at));
    this.#known[place] = { of, length: end - start, value, frozen: false };
  }
}

// Four bytes at a time, and then the rest.
function placeOf(bytes: DataView, start: number, end: number): number {
  let [hash, at] = [end - start, start];
  for (; at + 4 <= end; at += 4) hash = mixed(hash, bytes.getInt32(at));
  for (; at < end; at++) hash = mixed(hash, bytes.getUint8(at));
  return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (PLACES - 1);
}

function mixed(hash: number, value: number): number {
  const sum = Math.imul(hash, 31) + value;
  return Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
}

function isSame(bytes: DataView, start: number, end: number, ours: DataView, ownStart: number): boolean {
  let [at, own] = [start, ownStart];
  for (; at + 4 <= end; at += 4, own += 4) if (bytes.getInt32(at) !== ours.getInt32(own)) return false;
  for (; at < end; at++, own++) if (bytes.getUint8(at) !== ours.getUint8(own)) return false;
  return true;
}

function freeze(known: Known): void {
  known.frozen = true;
  freezeAll(known.value);
}

function freezeAll(value: object): void {
  Object.freeze(value);
  for (const part of Object.values(value)) if (typeof part === "object" && !Object.isFrozen(part)) freezeAll(part);
}
