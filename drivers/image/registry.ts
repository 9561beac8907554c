// A registry's client: OCI distribution-spec v1.1 (pull), which Docker's registry API v2 is, and Docker's token authentication.

import { createHash } from "node:crypto";
import type { LeastRate } from "@meseta/lib/io/http/paced.ts";
import { IMAGE_BOUNDS } from "./bounds.ts";
import { type Credentials, parseChallenge } from "./credentials.ts";
import { type Endpoint, isLoopback } from "./endpoint.ts";
import { ImageFailed } from "./failure.ts";
import { type Answer, ask, readAll, received } from "./http.ts";
import { type Descriptor, IMAGE_TYPES, INDEX_TYPES, isDigest, MAX_MANIFEST_BYTES, parseObject } from "./manifest.ts";
import { type Pause, persistently } from "./retry.ts";
import type { Content, Document, Found, Source } from "./source.ts";

export interface RegistryOptions {
  readonly endpoint: Endpoint;
  /** A tag or a digest. */
  readonly reference: string;
  readonly credentials?: Credentials | undefined;
  readonly stallMs: number;
  readonly leastRate: LeastRate;
  readonly pause: Pause;
}

const ACCEPT = [...IMAGE_TYPES, ...INDEX_TYPES].join(", ");
const MAX_TOKEN_BYTES = IMAGE_BOUNDS.tokenBytes.most;

export class Registry implements Source {
  readonly #options: RegistryOptions;
  /** The one of the endpoint's names that is there. */
  #repository: string;
  #authorization: string | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#repository = options.endpoint.repositories[0]!;
  }

  async resolve(): Promise<Found> {
    const { endpoint, reference } = this.#options;
    for (const repository of endpoint.repositories) {
      this.#repository = repository;
      this.#authorization = undefined;
      const found = await this.#head(reference);
      if (found !== "unknown") return found;
    }
    throw new ImageFailed(
      `${endpoint.registry} has no image ${endpoint.repositories.at(-1)} with ${this.#said(reference)}; check the name`,
    );
  }

  async manifest(digest: string, limit: number): Promise<Document> {
    const document = await persistently(() => this.#manifest(digest, limit), this.#options.pause);
    if (document === "unknown") throw new ImageFailed(`${this.#options.endpoint.registry} has no manifest ${digest}`);
    return document;
  }

  async blob(blob: Descriptor, from: number): Promise<Content> {
    const what = `the blob ${blob.digest} of ${this.#options.endpoint.registry}`;
    const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
    const answer = await this.#get("GET", `blobs/${blob.digest}`, headers);
    if (answer.status === 416 && from > 0) {
      answer.body.destroy();
      return this.blob(blob, 0);
    }
    if (answer.status !== 200 && answer.status !== 206) throw await this.#refused(answer, what);
    const start = answer.status === 206 ? Number(/^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1]) : 0;
    const length = answer.headers["content-length"];
    if ((start !== 0 && start !== from) || (length !== undefined && Number(length) + start !== blob.size)) {
      answer.body.destroy();
      throw new ImageFailed(`${what} has ${Number(length) + start} bytes; the manifest says ${blob.size}`);
    }
    return { from: start, bytes: received(answer, what) };
  }

  async close(): Promise<void> {}

  // A question for the digest alone: when we have what it names, nothing is downloaded. A server that does not tell it is asked for all.
  async #head(reference: string): Promise<Found | "unknown"> {
    if (isDigest(reference)) {
      const document = await persistently(() => this.#manifest(reference, MAX_MANIFEST_BYTES), this.#options.pause);
      return document === "unknown" ? document : { digest: reference, document };
    }
    const answer = await persistently(() => this.#checked("HEAD", reference), this.#options.pause);
    answer.body.destroy();
    const digest = answer.headers["docker-content-digest"];
    if (answer.status === 200 && isDigest(digest)) return { digest };
    const document = await persistently(() => this.#manifest(reference, MAX_MANIFEST_BYTES), this.#options.pause);
    if (document === "unknown") return document;
    return { digest: `sha256:${createHash("sha256").update(document.bytes).digest("hex")}`, document };
  }

  async #manifest(reference: string, limit: number): Promise<Document | "unknown"> {
    const answer = await this.#checked("GET", reference);
    const what = `the manifest of ${this.#repository} with ${this.#said(reference)}`;
    if (answer.status === 404) {
      answer.body.destroy();
      return "unknown";
    }
    if (answer.status !== 200) throw await this.#refused(answer, what);
    const mediaType = answer.headers["content-type"]?.split(";")[0]?.trim();
    return { bytes: await readAll(answer, limit, what), mediaType };
  }

  async #checked(method: "GET" | "HEAD", reference: string): Promise<Answer> {
    const answer = await this.#get(method, `manifests/${reference}`, { accept: ACCEPT });
    if (answer.status === 429 || answer.status >= 500)
      throw await this.#refused(answer, `the manifest of ${this.#repository}`);
    return answer;
  }

  /** Asks with what we know, and once more with what the registry then demands. */
  async #get(method: "GET" | "HEAD", path: string, headers: Record<string, string>): Promise<Answer> {
    const { endpoint, stallMs, leastRate } = this.#options;
    const url = new URL(`${endpoint.origin}/v2/${this.#repository}/${path}`);
    const once = (): Promise<Answer> => {
      const authorization = this.#authorization === undefined ? {} : { authorization: this.#authorization };
      return ask({ method, url, headers: { ...headers, ...authorization }, stallMs, leastRate });
    };
    const answer = await once();
    const header = answer.headers["www-authenticate"];
    if (answer.status !== 401 || header === undefined) return answer;
    answer.body.destroy();
    this.#authorization = await this.#authorize(header);
    return once();
  }

  async #authorize(header: string): Promise<string> {
    const { credentials, endpoint } = this.#options;
    if (credentials?.kind === "token") return `Bearer ${credentials.token}`;
    const challenge = parseChallenge(header);
    const basic =
      credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
    if (challenge?.kind === "bearer") return `Bearer ${await this.#token(challenge, basic)}`;
    if (challenge === undefined)
      throw new ImageFailed(
        `${endpoint.registry} asks for an authentication that is not known: ${header.slice(0, 100)}`,
      );
    if (basic === undefined) throw this.#unauthorized();
    return basic;
  }

  // https://distribution.github.io/distribution/spec/auth/token/
  async #token(
    challenge: { realm: string; service?: string; scope?: string },
    basic: string | undefined,
  ): Promise<string> {
    const { endpoint, stallMs, leastRate } = this.#options;
    const url = URL.parse(challenge.realm);
    if (url === null || !this.#mayAsk(url))
      throw new ImageFailed(
        `${endpoint.registry} sends for a token to ${challenge.realm.slice(0, 200)}, which is not safe`,
      );
    if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
    url.searchParams.set("scope", `repository:${this.#repository}:pull`);
    const answer = await ask({
      method: "GET",
      url,
      headers: basic === undefined ? {} : { authorization: basic },
      stallMs,
      leastRate,
    });
    if (answer.status === 401 || answer.status === 403) throw this.#unauthorized(answer);
    if (answer.status !== 200) throw await this.#refused(answer, "the token");
    const { token, access_token } = parseObject(await readAll(answer, MAX_TOKEN_BYTES, "the token"), "the token");
    const found = token ?? access_token;
    if (typeof found !== "string" || !/^[\x21-\x7e]+$/.test(found)) throw new ImageFailed(`${url.host} gives no token`);
    return found;
  }

  // The password goes there: in the clear only where the registry itself is spoken to in the clear.
  #mayAsk(url: URL): boolean {
    return (
      url.protocol === "https:" ||
      (url.protocol === "http:" && (isLoopback(url.host) || this.#options.endpoint.origin.startsWith("http:")))
    );
  }

  #unauthorized(answer?: Answer): ImageFailed {
    answer?.body.destroy();
    const { endpoint, credentials } = this.#options;
    const what =
      credentials === undefined
        ? "it is private, or the name is wrong; give a Docker config with credentials for it"
        : "the credentials are not right for it";
    return new ImageFailed(`${endpoint.registry} does not let us read ${this.#repository}: ${what}`);
  }

  async #refused(answer: Answer, what: string): Promise<ImageFailed> {
    const { registry } = this.#options.endpoint;
    if (answer.status === 401 || answer.status === 403) return this.#unauthorized(answer);
    answer.body.destroy();
    const after = Number(answer.headers["retry-after"]);
    if (answer.status === 404) return new ImageFailed(`${registry} does not have ${what}`);
    const busy = answer.status === 429 || answer.status >= 500;
    const why = answer.status === 429 ? "wants to be asked less often (429)" : `answers ${answer.status}`;
    return new ImageFailed(`${registry} ${why} when asked for ${what}${busy ? "; try again later" : ""}`, {
      passing: busy,
      afterMs: Number.isFinite(after) ? after * 1000 : undefined,
    });
  }

  #said(reference: string): string {
    return isDigest(reference) ? `the digest ${reference}` : `the tag ${reference}`;
  }
}
