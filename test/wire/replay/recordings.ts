import { readFileSync } from "node:fs";

/** A recorded request; a symbol in it is filled with its value before it is sent. */
export interface RecordedRequest {
  readonly daemon: "master" | "agent";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly base64?: string;
}

/** What Mesos answered: only the headers that carry meaning. At most one of the bodies. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly json?: unknown;
  /** The callback's name around `json`. */
  readonly jsonp?: string;
  readonly protobuf?: "{any}";
  /** Mesos ended without an answer. */
  readonly none?: true;
}

export interface RecordedCall {
  readonly name: string;
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

export interface RecordedOpen extends RecordedCall {
  /** The name of the stream that the answer is. */
  readonly open: string;
}

export interface RecordedEvent {
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>;
  readonly stream?: string;
}

export type Entry =
  | RecordedCall
  | RecordedOpen
  | RecordedEvent
  | { readonly closed: string }
  | { readonly note: string };

export function recording<T = Entry>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../golden/recordings/${name}.json`, import.meta.url), "utf8")) as T[];
}
