import type { CronConfig } from "@meseta/cron/core/config.ts";
import type { HttpSettings } from "@meseta/cron/io/front.ts";
import { type MailServer, mail } from "@meseta/cron/io/notify/mail.ts";
import type { Channel } from "@meseta/cron/io/notify/notifier.ts";
import { inFields, inWords, type Webhook, webhook } from "@meseta/cron/io/notify/webhook.ts";
import { badSetting, type Settings } from "./flags.ts";
import { countOf, credentialsOf, durationOf, hostnameOf, isOn, type Machine, shownFlags, wordsIn } from "./settings.ts";
import { METRONOME_VERSION } from "./version.ts";

/** What `meseta cron` is told, as its core wants it. */
export function cronConfigOf(settings: Settings, machine: Machine): Omit<CronConfig, "address" | "metronomeAddress"> {
  return {
    definitions: {
      cpus: amountOf(settings, "task-cpu"),
      mem: amountOf(settings, "task-mem"),
      disk: amountOf(settings, "task-disk"),
      user: settings["user"] ?? machine.user,
    },
    frameworkName: settings["name"]!,
    hostname: hostnameOf(settings, machine),
    webuiUrl: settings["webui-url"],
    failoverTimeoutMs: durationOf(settings, "failover-timeout"),
    principal: settings["principal"],
    role: settings["role"]!,
    bridgeName: settings["bridge-name"]!,
    declineMs: durationOf(settings, "decline-offer-duration"),
    aheadMs: durationOf(settings, "offers-ahead"),
    retryMs: durationOf(settings, "failure-retry"),
    disableAfterFailures: failuresOf(settings),
    unreachableMs: durationOf(settings, "unreachable-timeout"),
    confirmMs: durationOf(settings, "task-launch-confirm-timeout"),
    killRetryMs: durationOf(settings, "kill-retry-timeout"),
    mostCaughtUp: countOf(settings, "max-caught-up-runs"),
    mostJobs: countOf(settings, "max-jobs"),
    mostRuns: countOf(settings, "max-runs-per-job"),
    mostPast: countOf(settings, "history-per-job"),
    mostPastInAll: countOf(settings, "history"),
    reconciliationDelayMs: durationOf(settings, "reconciliation-initial-delay"),
    reconciliationIntervalMs: durationOf(settings, "reconciliation-interval"),
    version: METRONOME_VERSION,
  };
}

/** What it is told of its servers. */
export function cronHttpOf(settings: Settings): HttpSettings {
  return {
    credentials: credentialsOf(settings, "http-credentials"),
    allowOrigins: wordsIn(settings["access-control-allow-origin"]),
    hostNames: wordsIn(settings["host-names"]),
    flags: hiding(shownFlags(settings)),
  };
}

/** How owners are to be told. */
export function channelsOf(settings: Settings): Channel[] {
  const credentials = credentialsOf(settings, "http-notification-credentials");
  const server = mailServerOf(settings);
  return [
    ...hookOf(settings, "http-notification-url", { words: inFields, credentials }),
    ...hookOf(settings, "slack-url", { words: inWords }),
    ...hookOf(settings, "mattermost-url", { words: inWords }),
    ...(server === undefined ? [] : [mail(server)]),
  ];
}

/** Whoever knows one of these may do what only cron is to do; the URLs of chats hold a key. */
const SECRET = [
  "http_credentials",
  "http_notification_credentials",
  "mail_password",
  "slack_url",
  "mattermost_url",
  "http_notification_url",
];

function hiding(flags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, value]) => [name, SECRET.includes(name) ? "***" : value]),
  );
}

function hookOf(settings: Settings, name: string, how: Pick<Webhook, "words" | "credentials">): Channel[] {
  const url = settings[name];
  if (url === undefined) return [];
  const { protocol, username, password } = URL.parse(url) ?? {};
  if (protocol !== "http:" && protocol !== "https:") throw badSetting(name, "…", "a URL of http or https");
  // It could not be asked, and whatever says so would show the password.
  if (username !== "" || password !== "") throw badSetting(name, "…", "a URL without user and password");
  return [webhook({ name: name.replace(/-url$/, ""), url, ...how })];
}

function mailServerOf(settings: Settings): MailServer | undefined {
  const address = settings["mail-server"];
  if (address === undefined) return undefined;
  const [, host, port] = /^\[?([^[\]/]+?)\]?:(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) throw badSetting("mail-server", address, "of the form host:port");
  const from = settings["mail-from"] ?? settings["mail-user"];
  if (from === undefined) throw badSetting("mail-from", "", "an address, which --mail-server needs");
  const { "mail-user": user, "mail-password": password } = settings;
  return { host, port: Number(port), isTls: isOn(settings, "mail-ssl"), user, password, from };
}

function failuresOf(settings: Settings): number {
  return settings["disable-after-failures"] === "0" ? 0 : countOf(settings, "disable-after-failures");
}

function amountOf(settings: Settings, name: string): number {
  const amount = Number(settings[name]);
  if (!(amount > 0) || !Number.isFinite(amount)) throw badSetting(name, settings[name]!, "an amount above 0");
  return amount;
}
