import type { CommandInfo, Environment, EnvironmentVariable, Secret } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";

/** A command's environment; nothing else of it is looked at before it runs. */
export function validateCommand(command: CommandInfo): Refusal | undefined {
  return command.environment === undefined ? undefined : validateEnvironment(command.environment);
}

/** Each variable holds exactly what its type says, and no byte that would end it early. */
export function validateEnvironment(environment: Environment): Refusal | undefined {
  return firstRefusal(environment.variables, validateVariable);
}

/** A secret holds what its type says: a name to look up, or the bytes. */
export function validateSecret(secret: Secret): Refusal | undefined {
  switch (secret.type) {
    case "REFERENCE":
      return secret.reference === undefined || secret.value !== undefined
        ? refuse("Secret of type REFERENCE must have the 'reference' field set, and no 'value'")
        : undefined;
    case "VALUE":
      return secret.value === undefined || secret.reference !== undefined
        ? refuse("Secret of type VALUE must have the 'value' field set, and no 'reference'")
        : undefined;
    default:
      return refuse("Secret of type UNKNOWN is not allowed");
  }
}

function validateVariable(variable: EnvironmentVariable): Refusal | undefined {
  const { name, type = "VALUE", value, secret } = variable;
  const subject = `Environment variable '${name}' of type '${type}'`;
  if (type === "UNKNOWN") return refuse(`${subject} is not allowed`);
  if (name === "" || /[=\0]/.test(name))
    return refuse(`Environment variable '${name}' must have a name without '=' and null bytes`);
  if (type === "SECRET") return validateSecretVariable(subject, variable);
  if (secret !== undefined) return refuse(`${subject} must not have a secret set`);
  if (value === undefined) return refuse(`${subject} must have a value set`);
  return value.includes("\0") ? refuse(`${subject} must not have a value containing null bytes`) : undefined;
}

function validateSecretVariable(subject: string, { value, secret }: EnvironmentVariable): Refusal | undefined {
  if (value !== undefined) return refuse(`${subject} must not have a value set`);
  if (secret === undefined) return refuse(`${subject} must have a secret set`);
  const refusal = validateSecret(secret);
  if (refusal !== undefined) return refuse(`${subject} has an invalid secret: ${refusal.message}`);
  return Uint8Array.fromBase64(secret.value?.data ?? "").includes(0)
    ? refuse(`${subject} must not have a secret containing null bytes`)
    : undefined;
}
