import { CRON_BOUNDS } from "../../core/bounds.ts";
import type { Notification } from "../../core/out.ts";
import type { Channel } from "./notifier.ts";

/** A server has so long to take a notification. */
const PATIENCE_MS = CRON_BOUNDS.webhookMs.most;

export interface Webhook {
  readonly name: string;
  /** http or https. */
  readonly url: string;
  /** `user:password`. */
  readonly credentials?: string | undefined;
  /** The body, sent as JSON. */
  words(notification: Notification): unknown;
}

/** POSTs each notification to a URL; any answer of 2xx means that it was taken. */
export function webhook({ name, url, credentials, words }: Webhook): Channel {
  const headers = {
    "Content-Type": "application/json",
    ...(credentials !== undefined && { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }),
  };
  return {
    name,
    takes: () => true,
    async send(notification) {
      const body = JSON.stringify(words(notification));
      const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`${name} answered with ${answer.status}`);
    },
  };
}

/** For programs. */
export function inFields({ job, owner, subject, text }: Notification): unknown {
  return { job, owner, subject, message: text };
}

/** Of Slack and Mattermost, for people. Source: Slack's incoming webhooks. */
export function inWords({ subject, text }: Notification): unknown {
  return { text: text === "" ? subject : `${subject}\n${text}` };
}
