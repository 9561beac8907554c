import type { Refusal } from "@meseta/api/json-body/outcome.ts";
import type { Reading } from "../query.ts";

export function shown(value: unknown): Reading {
  return { status: 200, pieces: [JSON.stringify(value)] };
}

export function notFound(message: string): Reading {
  return refused({ status: 404, body: { message } });
}

export function refused({ status, body }: Refusal): Reading {
  return { status, pieces: [JSON.stringify(body)] };
}
