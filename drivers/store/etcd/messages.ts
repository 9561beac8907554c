// The few messages of etcd's API that a store needs (etcd.io/docs, api_reference_v3), as bytes of protobuf. Keys and values are text here:
// on the wire bytes and text are the same, and all that we store is text.
import { Reader } from "@meseta/api/mesos/codec/reader.ts";
import { Writer } from "@meseta/api/mesos/codec/writer.ts";

export interface Range {
  readonly key: string;
  /** Absent: that key alone. */
  readonly end?: string | undefined;
  readonly limit?: number;
  /** Absent: the newest. */
  readonly revision?: number;
  readonly keysOnly?: boolean;
}

export type Operation =
  | { readonly range: Range }
  | { readonly put: { readonly key: string; readonly value: string; readonly lease?: number | undefined } }
  | { readonly delete: { readonly key: string; readonly end?: string | undefined } }
  /** Done together with what holds it; etcd counts the operations of each level alone. */
  | { readonly all: readonly Operation[] };

/** A key that must hold this value, or must not exist. */
export interface Condition {
  readonly key: string;
  readonly value: string | undefined;
}

export interface Transaction {
  readonly when: readonly Condition[];
  readonly does: readonly Operation[];
  readonly otherwise?: readonly Operation[];
}

export interface Pair {
  readonly key: string;
  readonly value: string;
  /** The revision of the store that wrote it. */
  readonly revision: number;
}

export interface Page {
  readonly revision: number;
  readonly pairs: readonly Pair[];
  readonly more: boolean;
}

export interface Outcome {
  readonly revision: number;
  readonly succeeded: boolean;
  /** What the ranges of the branch that was taken have found, in their order. */
  readonly pages: readonly Page[];
}

/** One member of an etcd, as all of them know it. */
export interface Member {
  /** Its id as it stands on the wire: 64 bits, which no number holds. */
  readonly id: Uint8Array;
  readonly peerUrls: readonly string[];
}

/** What one member holds of all keys at a revision, as a sum over them. */
export interface Sum {
  /** Nothing of before this revision is in it. */
  readonly compacted: number;
  readonly sum: number;
}

export function encodeRange(range: Range): Uint8Array {
  return encoded((writer) => writeRange(writer, range));
}

export function encodeTransaction({ when, does, otherwise = [] }: Transaction): Uint8Array {
  return encoded((writer) => {
    for (const condition of when) part(writer, 1, () => writeCondition(writer, condition));
    for (const operation of does) part(writer, 2, () => writeOperation(writer, operation));
    for (const operation of otherwise) part(writer, 3, () => writeOperation(writer, operation));
  });
}

/** For calls whose message is nothing but numbers: the first is field 1. */
export function encodeNumbers(...numbers: readonly number[]): Uint8Array {
  return encoded((writer) => {
    for (const [at, number] of numbers.entries()) int64(writer, at + 1, number);
  });
}

/** The same of texts. */
export function encodeTexts(...texts: readonly string[]): Uint8Array {
  return encoded((writer) => {
    for (const [at, one] of texts.entries()) text(writer, at + 1, one);
  });
}

/** Of the field in which a member's id stands: its number is 1, and it is a varint. */
const ID_TAG = 1 << 3;

/** A call that names a member. */
export function encodeMember(id: Uint8Array): Uint8Array {
  return Uint8Array.of(ID_TAG, ...id);
}

export function decodePage(bytes: Uint8Array): Page {
  const reader = new Reader(bytes);
  return readPage(reader, bytes.length);
}

export function decodeOutcome(bytes: Uint8Array): Outcome {
  const reader = new Reader(bytes);
  const pages: Page[] = [];
  let [revision, succeeded] = [0, false];
  fields(reader, bytes.length, {
    1: (end) => (revision = readRevision(reader, end)),
    2: () => (succeeded = reader.bool()),
    3: (end) => fields(reader, end, { 1: (inner) => pages.push(readPage(reader, inner)) }),
  });
  return { revision, succeeded, pages };
}

/** How many seconds a lease has left; 0 for one that is over. */
export function decodeLeft(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  let left = 0;
  fields(reader, bytes.length, { 3: () => (left = reader.int64()) });
  return left;
}

/** What a user is known by from now on. */
export function decodeToken(bytes: Uint8Array): string {
  const reader = new Reader(bytes);
  let token = "";
  fields(reader, bytes.length, { 2: () => (token = reader.string()) });
  return token;
}

export function decodeMembers(bytes: Uint8Array): Member[] {
  const reader = new Reader(bytes);
  const members: Member[] = [];
  fields(reader, bytes.length, { 2: (end) => members.push(readMember(reader, bytes, end)) });
  return members;
}

export function decodeSum(bytes: Uint8Array): Sum {
  const reader = new Reader(bytes);
  let [sum, compacted] = [0, 0];
  fields(reader, bytes.length, { 2: () => (sum = reader.uint32()), 3: () => (compacted = reader.int64()) });
  return { sum, compacted };
}

function readMember(reader: Reader, bytes: Uint8Array, end: number): Member {
  const peerUrls: string[] = [];
  let id = new Uint8Array();
  fields(reader, end, {
    1: () => {
      const from = reader.pos;
      reader.skip(ID_TAG);
      id = bytes.slice(from, reader.pos);
    },
    3: () => peerUrls.push(reader.string()),
  });
  return { id, peerUrls };
}

function readPage(reader: Reader, end: number): Page {
  const pairs: Pair[] = [];
  let [revision, more] = [0, false];
  fields(reader, end, {
    1: (inner) => (revision = readRevision(reader, inner)),
    2: (inner) => pairs.push(readPair(reader, inner)),
    3: () => (more = reader.bool()),
  });
  return { revision, pairs, more };
}

function readPair(reader: Reader, end: number): Pair {
  let [key, value, revision] = ["", "", 0];
  fields(reader, end, {
    1: () => (key = reader.string()),
    3: () => (revision = reader.int64()),
    5: () => (value = reader.string()),
  });
  return { key, value, revision };
}

function readRevision(reader: Reader, end: number): number {
  let revision = 0;
  fields(reader, end, { 3: () => (revision = reader.int64()) });
  return revision;
}

// A reader that takes an argument gets the end of its part; one that takes none reads the value itself.
type FieldReaders = Readonly<Record<number, ((end: number) => unknown) | (() => unknown)>>;

function fields(reader: Reader, end: number, readers: FieldReaders): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const read = readers[tag >>> 3];
    if (read === undefined) reader.skip(tag);
    else if (read.length === 0) (read as () => unknown)();
    else {
      const inner = reader.part(end);
      read(inner);
    }
  }
}

function writeRange(writer: Writer, { key, end, limit = 0, revision = 0, keysOnly = false }: Range): void {
  text(writer, 1, key);
  if (end !== undefined) text(writer, 2, end);
  int64(writer, 3, limit);
  int64(writer, 4, revision);
  int64(writer, 8, keysOnly ? 1 : 0);
}

// A value that must be equal, or a key whose first revision is 0 because it does not exist.
function writeCondition(writer: Writer, { key, value }: Condition): void {
  int64(writer, 2, value === undefined ? 1 : 3);
  text(writer, 3, key);
  if (value !== undefined) text(writer, 7, value);
  else {
    writer.uint32((5 << 3) | 0);
    writer.int64(0);
  }
}

function writeOperation(writer: Writer, operation: Operation): void {
  if ("range" in operation) return part(writer, 1, () => writeRange(writer, operation.range));
  if ("put" in operation) return part(writer, 2, () => writePut(writer, operation.put));
  if ("delete" in operation)
    return part(writer, 3, () => {
      text(writer, 1, operation.delete.key);
      if (operation.delete.end !== undefined) text(writer, 2, operation.delete.end);
    });
  part(writer, 4, () => {
    for (const one of operation.all) part(writer, 2, () => writeOperation(writer, one));
  });
}

function writePut(
  writer: Writer,
  { key, value, lease = 0 }: { key: string; value: string; lease?: number | undefined },
): void {
  text(writer, 1, key);
  text(writer, 2, value);
  int64(writer, 3, lease);
}

const shared = new Writer();

function encoded(write: (writer: Writer) => void): Uint8Array {
  shared.reset();
  write(shared);
  return shared.finish();
}

function part(writer: Writer, field: number, write: () => void): void {
  writer.uint32((field << 3) | 2);
  const start = writer.open();
  write();
  writer.close(start);
}

function text(writer: Writer, field: number, value: string): void {
  writer.uint32((field << 3) | 2);
  writer.string(value);
}

// What is 0 is left out, as in every message of this kind.
function int64(writer: Writer, field: number, value: number): void {
  if (value === 0) return;
  writer.uint32((field << 3) | 0);
  writer.int64(value);
}
