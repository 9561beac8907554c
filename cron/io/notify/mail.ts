import type { Transporter } from "nodemailer";
import { CRON_BOUNDS } from "../../core/bounds.ts";
import type { Notification } from "../../core/out.ts";
import type { Channel } from "./notifier.ts";

/** `--mail-server` and what belongs to it. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise it is begun where the server offers it. */
  readonly isTls: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Whom mails come from. */
  readonly from: string;
}

const PATIENCE_MS = CRON_BOUNDS.mailMs.most;

/** Mails each notification to the job's owner; who has none gets none. Source: RFC 5321, by nodemailer. */
export function mail(server: MailServer): Channel {
  let transport: Promise<Transporter> | undefined;
  return {
    name: "mail",
    takes: ({ owner }) => addressesIn(owner).length > 0,
    async send(notification) {
      transport ??= open(server);
      const { subject, text, owner } = notification;
      await (await transport).sendMail({ from: server.from, to: addressesIn(owner), subject, text: text || subject });
    },
    close: () => void transport?.then((opened) => opened.close()),
  };
}

/** The addresses that stand in `owner`, with commas between: the first hundred, as no server takes more in one mail. */
export function addressesIn(owner: Notification["owner"]): string[] {
  return owner
    .split(",")
    .flatMap((word) => (word.includes("@") ? [word.trim()] : []))
    .slice(0, MOST_ADDRESSES);
}

const MOST_ADDRESSES = CRON_BOUNDS.addresses.most;

// Loaded when the first mail is sent: most clusters send none.
async function open({ host, port, isTls, user, password }: MailServer): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host,
    port,
    secure: isTls,
    ...(user !== undefined && { auth: { user, pass: password ?? "" } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
