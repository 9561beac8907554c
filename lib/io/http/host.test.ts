import fc from "fast-check";
import { expect, test } from "vitest";
import { strangeHost } from "./host.ts";

const NAMES = ["box", "Init.example", "web.example:8080"];

test("addresses, localhost and the names that the server has are its own, with any port, in upper or lower case", () => {
  for (const host of [
    "127.0.0.1:5050",
    "10.0.0.1",
    "[::1]:8080",
    "[::1]",
    "[fe80::1%25eth0]:1",
    "localhost",
    "LOCALHOST:8080",
    "a.localhost:1",
    "localhost.",
    "box:5050",
    "BOX",
    "init.example.",
    "web.example",
  ])
    expect([host, strangeHost(host, NAMES)]).toEqual([host, undefined]);
});

test("who sends no name is no page", () => {
  expect([strangeHost(undefined, []), strangeHost("", []), strangeHost(":80", [])]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("any other name is strange", () => {
  for (const [host, name] of [
    ["evil.example:8080", "evil.example"],
    ["127.0.0.1.evil.example", "127.0.0.1.evil.example"],
    ["localhost.evil.example", "localhost.evil.example"],
    ["notlocalhost", "notlocalhost"],
    ["box.evil.example", "box.evil.example"],
    ["2130706433", "2130706433"],
    ["127.1", "127.1"],
    ["[evil]", "[evil]"],
  ])
    expect([host, strangeHost(host, NAMES)]).toEqual([host, name]);
});

test("where any name will do, none is strange", () => {
  fc.assert(fc.property(fc.string(), (host) => strangeHost(host, ["*"]) === undefined));
});

test("a domain that could be anybody's is strange, whatever it looks like", () => {
  fc.assert(fc.property(fc.domain(), (host) => strangeHost(`${host}:8080`, []) === host.toLowerCase()));
});
