import type { Descriptor } from "./manifest.ts";

/** Where the parts of one image come from: a registry, a folder, an archive. All reject with ImageFailed. */
export interface Source {
  /** What the name stands for now. Without `bytes` the document is asked for by its digest. */
  resolve(): Promise<Found>;
  /** A manifest or index below the one that was resolved, of at most `limit` bytes; not verified. */
  manifest(digest: string, limit: number): Promise<Document>;
  /** The bytes of a blob from `from` on; not verified. */
  blob(blob: Descriptor, from: number): Promise<Content>;
  close(): Promise<void>;
}

export interface Found {
  readonly digest: string;
  readonly document?: Document;
}

export interface Document {
  readonly bytes: Buffer;
  /** What the server called it. */
  readonly mediaType?: string | undefined;
}

export interface Content {
  /** Where the bytes begin: 0 when the server cannot go on in the middle. */
  readonly from: number;
  readonly bytes: AsyncIterable<Buffer>;
}
