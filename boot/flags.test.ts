import { expect, it } from "vitest";
import { type DaemonCommand, helpOf, parseConfiguration, readSettings, UsageError } from "./flags.ts";

const command: DaemonCommand = {
  name: "fly",
  summary: "Flies.",
  example: "meseta fly --height 3",
  flags: {
    height: { value: "N", default: "1", help: "How high." },
    loud: { help: "Says so." },
    secret: { help: "Not shown.", hidden: true },
  },
};

it("a flag wins over the environment, which wins over the default", () => {
  expect(readSettings(command, [], {})).toEqual({ height: "1" });
  expect(readSettings(command, [], { MESETA_HEIGHT: "2" })).toEqual({ height: "2" });
  expect(readSettings(command, ["--height", "3", "--loud"], { MESETA_HEIGHT: "2" })).toEqual({
    height: "3",
    loud: "true",
  });
});

it("an unknown flag and a missing value are refused with the way to help", () => {
  expect(() => readSettings(command, ["--hight", "3"], {})).toThrow(UsageError);
  expect(() => readSettings(command, ["--height"], {})).toThrow(/height/);
  expect(() => readSettings(command, ["north"], {})).toThrow(UsageError);
});

it("help shows each public flag, the default, and an example", () => {
  const help = helpOf(command);
  expect(help).toContain("--height N  How high. (default 1)");
  expect(help).toContain("meseta fly --height 3");
  expect(help).not.toContain("secret");
});

it("a configuration file has settings for all and for one command", () => {
  const text = '# mine\nheight: 4   # high\nfly:\n  loud: true\n  resources: "cpus:4;mem:512"\nmaster: http://a:5050\n';
  expect(Object.fromEntries(parseConfiguration(text, "meseta.yaml"))).toEqual({
    height: "4",
    "fly.loud": "true",
    "fly.resources": "cpus:4;mem:512",
    master: "http://a:5050",
  });
});

it("a line that is no setting is refused with its place", () => {
  expect(() => parseConfiguration("a: 1\n- b\n", "meseta.yaml")).toThrow("meseta.yaml, line 2");
});
