import { expect, it } from "vitest";
import { credentialsFor, parseChallenge } from "./credentials.ts";

const auth = Buffer.from("me:se:cret").toString("base64");
const config = (auths: object, rest = {}) => JSON.stringify({ auths, ...rest });
const password = { kind: "password", user: "me", password: "se:cret" };

it("credentials are found by the registry's host, however it is written", () => {
  for (const key of ["host:5000", "https://host:5000", "http://host:5000/v2/"])
    expect(credentialsFor("HOST:5000", config({ other: {}, [key]: { auth } }))).toEqual(password);
  for (const key of ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"])
    expect(credentialsFor("docker.io", config({ [key]: { auth } }))).toEqual(password);
  expect(credentialsFor("host", config({ "host:5000": { auth } }))).toBeUndefined();
});

it("user and password may stand by themselves, and so may a token", () => {
  expect(credentialsFor("host", config({ host: { username: "me", password: "se:cret" } }))).toEqual(password);
  expect(credentialsFor("host", config({ host: { registrytoken: "abc" } }))).toEqual({ kind: "token", token: "abc" });
});

it("files of old clients have the registries at the top", () => {
  expect(credentialsFor("host", JSON.stringify({ host: { auth } }))).toEqual(password);
});

it.each([
  [config({}, { credHelpers: { host: "pass" } }), "credential helper"],
  [config({}, { credsStore: "secretservice" }), "credential helper"],
  [config({ host: {} }, { credsStore: "secretservice" }), "credential helper"],
  [config({ host: { identitytoken: "x" } }), "identity token"],
  [config({ host: { auth: "bm9jb2xvbg==" } }), 'neither "auth"'],
  ["{", "is not JSON"],
  ["[]", "is not a JSON object"],
])("%s is refused with a sentence", (text, why) => {
  expect(() => credentialsFor("host", text)).toThrow(why);
});

it("a helper of another registry does not matter", () => {
  expect(credentialsFor("host", config({ host: { auth } }, { credHelpers: { other: "pass" } }))).toEqual(password);
  expect(credentialsFor("host", config({}, { credHelpers: { other: "pass" } }))).toBeUndefined();
});

it("a challenge is read with its quotes and commas", () => {
  expect(parseChallenge('Bearer realm="https://auth/token",service="reg",scope="repository:a,b:pull,push"')).toEqual({
    kind: "bearer",
    realm: "https://auth/token",
    service: "reg",
    scope: "repository:a,b:pull,push",
  });
  expect(parseChallenge('Basic realm="x", Bearer realm="https://auth"')).toEqual({
    kind: "bearer",
    realm: "https://auth",
  });
  expect(parseChallenge('basic realm="Registry"')).toEqual({ kind: "basic" });
  expect(parseChallenge("Basic")).toEqual({ kind: "basic" });
  expect(parseChallenge("Negotiate")).toBeUndefined();
  expect(parseChallenge("Bearer")).toBeUndefined();
});
