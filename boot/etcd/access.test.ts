import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { describe, expect, it } from "vitest";
import { accessAround, accessOf } from "./access.ts";

const dir = testFolder("etcd-access");

const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const refusal = (...given: Parameters<typeof accessOf>) => {
  try {
    return accessOf(...given);
  } catch (error) {
    return JSON.stringify((error as { problem?: unknown }).problem);
  }
};
const authority = rootCertificates[0]!;

describe("how an etcd lets a part in", () => {
  it("is not asked for where nothing is set", () => {
    expect(accessOf({}, {})).toBeUndefined();
    expect(accessOf({}, { MESETA_ETCD_PASSWORD: "x" })).toBeUndefined();
  });

  it("is TLS with an authority, and a user with the password of the environment or else of a file", () => {
    const ca = file("ca.pem", authority);
    expect(accessOf({ "etcd-ca": ca }, {})).toEqual({ tls: { ca: authority }, user: undefined });
    const user = { "etcd-user": "me", "etcd-password-file": file("password", "from a file \n") };
    expect(accessOf(user, {})).toEqual({ user: { name: "me", password: "from a file " } });
    expect(accessOf(user, { MESETA_ETCD_PASSWORD: "other" })?.user?.password).toBe("other");
  });

  it("is taken from the environment by commands that have no such flags", () => {
    const env = { MESETA_ETCD_USER: "me", MESETA_ETCD_PASSWORD: "p", HOME: dir };
    expect(accessAround(env)).toEqual({ user: { name: "me", password: "p" } });
  });

  it("is refused as a setting where it cannot be: a missing password, half a certificate, a file that is none", () => {
    expect(refusal({ "etcd-user": "me" }, {})).toMatch(/MESETA_ETCD_PASSWORD or --etcd-password-file/);
    expect(refusal({ "etcd-cert": file("c.pem", authority) }, {})).toMatch(/goes with --etcd-key/);
    expect(refusal({ "etcd-ca": join(dir, "nowhere") }, {})).toMatch(/etcd-ca.*a file that can be read/);
    const key = file("key.pem", "no key");
    const cert = file("cert.pem", authority);
    expect(refusal({ "etcd-cert": cert, "etcd-key": key }, {})).toMatch(/etcd-cert.*a PEM file that can be used/);
  });
});
