import type { MasterState } from "../../core/master/state.ts";
import { Look } from "../../core/master/views/shape.ts";
import { assemble, type Captured, capture, type Document, warm } from "./document.ts";
import { Gathering } from "./gathering.ts";
import { Growing } from "./growing.ts";
import { Pieces } from "./pieces.ts";
import { inSlices } from "./slices.ts";

/** How readings come to the state: `read` hands out what it computed once all that it saw is durable. */
export interface StateReader {
  readonly state: MasterState;
  read<T>(view: (state: MasterState) => T, done: (result: T) => void, refused: (reason: Error) => void): void;
}

/** The bytes of a big answer. Shared by all who asked, so nobody may change them. */
export interface Reading {
  /** The same for two readings of one kind that say the same. */
  readonly tag: string;
  readonly buffers: readonly Uint8Array[];
  readonly bytes: number;
}

/** A kind of big answer, by name. */
export interface Kind {
  readonly name: string;
  document(look: Look): Document;
}

/** What was read could not be made durable, so it is not told. */
export class NotDurable extends Error {
  override name = "NotDurable";
}

/** A reading, or one that is still being made. */
export type Opened = Reading | Growing;

/** One reading for all who asked for it: when its sending may begin, and when it is whole. */
interface Making {
  readonly opened: Promise<Opened>;
  readonly whole: Promise<Finished>;
}

/** The moment of a reading, and what is to be encoded of it. */
interface Taken {
  readonly captured: Captured;
  readonly look: Look;
  readonly version: number;
}

interface Finished extends Reading {
  readonly state: MasterState;
  readonly version: number;
}

/** So much must be there before the sending begins; what is smaller is told with its length. */
const EARLY_BYTES = 1024 * 1024;
/** The finished readings that are kept while nothing changes. */
const KEPT_READINGS = 2;

/**
 * Makes big answers in slices between other work. Whoever asks for the same kind at the same time shares one, and while the state does
 * not change the last one is given again.
 */
export class Readings {
  readonly #reader: StateReader;
  readonly #pieces: Pieces;
  readonly #gathering = new Map<string, Making>();
  readonly #finished = new Map<string, Finished>();

  constructor(reader: StateReader, pieces: Pieces = new Pieces()) {
    this.#reader = reader;
    this.#pieces = pieces;
  }

  /** What the encoded objects take that are kept for the next reader. */
  get bytes(): number {
    return this.#pieces.bytes;
  }

  /** The whole reading. Rejects with NotDurable when what was read could not be made durable. */
  read(kind: Kind): Promise<Reading> {
    return this.#share(kind).whole;
  }

  /** As `read`, but a large one is given while it is being made, so that it travels meanwhile. */
  open(kind: Kind): Promise<Opened> {
    return this.#share(kind).opened;
  }

  #share(kind: Kind): Making {
    const shared = this.#gathering.get(kind.name);
    if (shared !== undefined) return shared;
    let isTaken = false;
    const own = this.#make(kind, () => {
      if (!isTaken) this.#gathering.delete(kind.name);
      isTaken = true;
    });
    // Whoever asks after its moment must not be given it.
    if (!isTaken) this.#gathering.set(kind.name, own);
    return own;
  }

  /** `onCapture` is called when the moment is fixed: what happens afterwards is not in the answer. */
  #make(kind: Kind, onCapture: () => void): Making {
    const opened = Promise.withResolvers<Opened>();
    const whole = this.#carryOut(kind, onCapture, opened.resolve);
    whole.then(opened.resolve, opened.reject);
    // Who waits for the whole hears of it there.
    opened.promise.catch(() => {});
    return { opened: opened.promise, whole };
  }

  async #carryOut(kind: Kind, onCapture: () => void, open: (growing: Growing) => void): Promise<Finished> {
    try {
      if (!this.#isFresh(kind)) await this.#warm(kind);
      const taken = await this.#capture(kind, onCapture);
      return "bytes" in taken ? taken : this.#keep(kind, await this.#assemble(taken, open));
    } finally {
      onCapture();
    }
  }

  async #assemble({ captured, look, version }: Taken, open: (growing: Growing) => void): Promise<Finished> {
    const gathering = new Gathering();
    const growing = new Growing(tagOf(look.state, version), gathering);
    const onPause = () => {
      if (gathering.bytes < EARLY_BYTES) return;
      open(growing);
      growing.grow();
    };
    try {
      await inSlices(assemble(captured, look, gathering), onPause);
      const finished = finish(gathering, look.state, version);
      growing.end("whole");
      return finished;
    } catch (error) {
      growing.end(error as Error);
      throw error;
    }
  }

  /** As `read`, for one who must know the moment exactly: `onCapture` is called at it. Not shared. */
  snapshot(kind: Kind, onCapture: () => void): Promise<Reading> {
    let called = false;
    const { whole } = this.#make(kind, () => {
      if (!called) onCapture();
      called = true;
    });
    return whole;
  }

  async #warm(kind: Kind): Promise<void> {
    const look = new Look(this.#reader.state);
    await inSlices(warm(kind.document(look), look, this.#pieces));
  }

  #capture(kind: Kind, onCapture: () => void): Promise<Finished | Taken> {
    return new Promise((resolve, reject) => {
      const view = (state: MasterState) => {
        const finished = this.#finished.get(kind.name);
        if (finished?.state === state && finished.version === state.version) return finished;
        const look = new Look(state);
        return { captured: capture(kind.document(look), look, this.#pieces), look, version: state.version };
      };
      this.#reader.read(
        view,
        (result) => {
          onCapture();
          resolve(result);
        },
        (reason) => reject(new NotDurable(reason.message)),
      );
    });
  }

  #isFresh(kind: Kind): boolean {
    const { state } = this.#reader;
    const finished = this.#finished.get(kind.name);
    return finished?.state === state && finished.version === state.version;
  }

  #keep(kind: Kind, finished: Finished): Finished {
    this.#finished.delete(kind.name);
    this.#finished.set(kind.name, finished);
    if (this.#finished.size > KEPT_READINGS) this.#finished.delete(this.#finished.keys().next().value!);
    return finished;
  }
}

/** Of the state as it is: what an HTTP client sends back in If-None-Match. */
export function tagOf({ id }: MasterState, version: number): string {
  return `"${id}-${version}"`;
}

function finish(gathering: Gathering, state: MasterState, version: number): Finished {
  return { tag: tagOf(state, version), buffers: gathering.buffers(), bytes: gathering.bytes, state, version };
}
