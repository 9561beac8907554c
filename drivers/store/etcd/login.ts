import type { EtcdAccess } from "./access.ts";
import { GrpcRefused } from "./grpc.ts";
import { decodeToken, encodeTexts } from "./messages.ts";

/** A member that was started anew knows no token of before; and each change of its users makes all old. */
const MOST_TRIES = 3;
const UNAUTHENTICATED = 16;

/** The token by which an etcd knows a user: asked for with the first call, and again when etcd knows it no more. */
export class Login {
  readonly #user: EtcdAccess["user"];
  readonly #ask: (message: Uint8Array) => Promise<Uint8Array>;
  #asking: Promise<void> | undefined;
  /** What goes with each call. */
  token: string | undefined;

  /** `ask` is the call Auth/Authenticate. */
  constructor(user: EtcdAccess["user"], ask: (message: Uint8Array) => Promise<Uint8Array>) {
    this.#user = user;
    this.#ask = ask;
  }

  /** Carries out a call in the name of the user. Rejects as the call does, or with GrpcRefused where the password is wrong. */
  async as<T>(call: () => Promise<T>): Promise<T> {
    if (this.#user === undefined) return call();
    for (let attempt = 1; ; attempt++) {
      await (this.#asking ??= this.#askFor(this.#user));
      const asking = this.#asking;
      try {
        return await call();
      } catch (error) {
        if (attempt === MOST_TRIES || !isOld(error)) throw error;
        if (this.#asking === asking) this.#asking = undefined;
      }
    }
  }

  async #askFor({ name, password }: NonNullable<EtcdAccess["user"]>): Promise<void> {
    this.token = undefined;
    try {
      this.token = decodeToken(await this.#ask(encodeTexts(name, password)));
    } catch (error) {
      // Then everybody may do everything, this user too.
      if (error instanceof GrpcRefused && error.message.includes("authentication is not enabled")) return;
      this.#asking = undefined;
      throw error;
    }
  }
}

function isOld(error: unknown): boolean {
  if (!(error instanceof GrpcRefused)) return false;
  return error.status === UNAUTHENTICATED || error.message.includes("revision of auth store is old");
}
