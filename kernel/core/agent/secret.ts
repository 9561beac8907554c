import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { CommandInfo, Secret } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";

/** The bytes of a secret, as base64; undefined for one that is only named: nobody here looks names up. */
export function secretBytes(secret: Secret | undefined): string | undefined {
  return secret?.value?.data;
}

export function secretText(secret: Secret | undefined): string | undefined {
  const bytes = secretBytes(secret);
  return bytes === undefined ? undefined : decodeUtf8(Uint8Array.fromBase64(bytes));
}

/** Why a secret cannot be had. */
export function secretProblem(what: string, secret: Secret | undefined): Refusal | undefined {
  if (secretBytes(secret) !== undefined) return undefined;
  const name = secret?.reference?.name ?? "";
  return refuse(`${what} is the secret '${name}' by name, which this agent cannot look up: send its value`);
}

/** The same of a command's variables. */
export function environmentProblem(command: CommandInfo | undefined): Refusal | undefined {
  return firstRefusal(command?.environment?.variables, ({ name, type, secret }) =>
    type === "SECRET" ? secretProblem(`environment variable '${name}'`, secret) : undefined,
  );
}
