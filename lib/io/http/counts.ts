import { counter, gauge, type Sample } from "../../core/metrics.ts";

/** What a server holds now, and how often it met which of its bounds. */
export class HttpCounts {
  readonly now = { connections: 0, body_bytes: 0, streams: 0 };
  readonly met = {
    connections_refused: 0,
    requests_refused: 0,
    heads_too_large: 0,
    heads_late: 0,
    heads_malformed: 0,
    bodies_too_large: 0,
    bodies_refused: 0,
    bodies_late: 0,
    slow_readers_cut_off: 0,
    stalled_readers_cut_off: 0,
    large_bodies: 0,
    refused_400: 0,
    refused_403: 0,
    refused_408: 0,
    refused_409: 0,
    refused_413: 0,
    refused_422: 0,
    refused_429: 0,
    refused_503: 0,
  };

  /** A request was answered with this status. Those with which bounds refuse are counted, whatever was refused. */
  answered(status: number): void {
    const word = `refused_${status}`;
    if (word in this.met) this.met[word as keyof HttpCounts["met"]]++;
  }

  /** A body was not taken, and was answered with this status. */
  refusedBody(status: number): void {
    if (status === 413) this.met.bodies_too_large++;
    else if (status === 503) this.met.bodies_refused++;
    else if (status === 408) this.met.bodies_late++;
  }

  /** What came is no request, and was answered with this status. */
  refusedHead(status: number): void {
    if (status === 431) this.met.heads_too_large++;
    else if (status === 408) this.met.heads_late++;
    else this.met.heads_malformed++;
  }
}

export type HttpCountName = keyof HttpCounts["now"] | keyof HttpCounts["met"];

/** The numbers of these servers together, each under the name that the part gives it. */
export function httpSamples(
  servers: readonly HttpCounts[],
  nameOf: (word: HttpCountName, kind: Sample["kind"]) => string,
): Sample[] {
  const sum = (part: "now" | "met", word: string) =>
    servers.reduce((n, counts) => n + (counts[part] as Record<string, number>)[word]!, 0);
  const words = (part: "now" | "met") => Object.keys(new HttpCounts()[part]) as HttpCountName[];
  return [
    ...words("now").map((word) => gauge(nameOf(word, "gauge"), sum("now", word))),
    ...words("met").map((word) => counter(nameOf(word, "counter"), sum("met", word))),
  ];
}

/** As the kernel names them, after Mesos' manner. */
export const slashName = (word: HttpCountName): string => `meseta/http/${word}`;

/** As Marathon names metrics. */
export const dottedName = (word: HttpCountName, kind: Sample["kind"]): string =>
  `http.${word.replaceAll("_", "-")}.${kind}`;
