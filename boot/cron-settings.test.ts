import { expect, it } from "vitest";
import { CRON } from "./commands/cron.ts";
import { channelsOf, cronConfigOf, cronHttpOf } from "./cron-settings.ts";
import { readSettings } from "./flags.ts";

const nowhere = { HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" };
const read = (...argv: string[]) => readSettings(CRON, argv, nowhere);
const config = (...argv: string[]) => cronConfigOf(read(...argv), { user: "me", hostname: "here" });
const channels = (...argv: string[]) => channelsOf(read(...argv)).map(({ name }) => name);

it("needs to be told nothing, and Chronos' defaults hold", () => {
  expect(config()).toMatchObject({
    definitions: { cpus: 0.1, mem: 128, disk: 256, user: "me" },
    frameworkName: "chronos",
    role: "*",
    hostname: "127.0.0.1",
    failoverTimeoutMs: 604_800_000,
    retryMs: 60_000,
    disableAfterFailures: 0,
    reconciliationIntervalMs: 600_000,
    mostPast: 1000,
  });
  expect(cronHttpOf(read())).toMatchObject({ credentials: undefined, allowOrigins: ["*"] });
  expect(channels()).toEqual([]);
});

it("takes what is said", () => {
  expect(
    config("--task-cpu", "0.5", "--user", "nobody", "--disable-after-failures", "3", "--ip", "0.0.0.0"),
  ).toMatchObject({ definitions: { cpus: 0.5, user: "nobody" }, disableAfterFailures: 3, hostname: "here" });
});

it("tells owners by whatever it was given", () => {
  const hooks = ["--http-notification-url", "http://hook.example/a", "--slack-url", "https://hooks.example/b"];
  const mails = ["--mail-server", "mail.example:25", "--mail-from", "cron@example.com"];
  expect(channels(...hooks, ...mails)).toEqual(["http-notification", "slack", "mail"]);
});

it.each([
  ["--task-mem", "0"],
  ["--disable-after-failures", "-1"],
  ["--failure-retry", "soon"],
  ["--http-notification-url", "hook.example"],
  ["--slack-url", "file:///etc/passwd"],
  ["--http-notification-url", "http://me:secret@hook.example"],
  ["--mail-server", "mail.example"],
  ["--http-notification-credentials", "secret"],
])("refuses %s %s in words that name the setting", (flag, value) => {
  expect(() => [config(flag, value), channels(flag, value)]).toThrow(flag.slice(2));
});

it("wants to know whom mails come from", () => {
  expect(() => channels("--mail-server", "mail.example:25")).toThrow("mail-from");
  expect(channels("--mail-server", "[::1]:25", "--mail-user", "me@example.com")).toEqual(["mail"]);
});

it("never shows what only it is to know", () => {
  const given = read("--http-credentials", "me:secret", "--mail-password", "secret", "--slack-url", "http://a/secret");
  const { credentials, flags } = cronHttpOf(given);
  expect(credentials).toBe("me:secret");
  expect(flags).toMatchObject({ http_credentials: "***", mail_password: "***", slack_url: "***", name: "chronos" });
  expect(JSON.stringify(flags)).not.toContain("secret");
});
