import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { etcdElection } from "../../election/etcd.ts";
import type { EtcdAccess, EtcdTls } from "./access.ts";
import { EtcdCluster, hasEtcd } from "./etcd.rig.ts";
import { GrpcChannel } from "./grpc.ts";
import { encodeRange } from "./messages.ts";
import { openEtcd } from "./store.ts";

const PATIENCE_MS = 60_000;
const ADDRESS = { hostname: "127.0.0.1", port: 1 };

/** Whether a store can be opened, written, read, and led with that access; else why not. */
async function use(etcd: EtcdCluster, access: EtcdAccess | undefined, folder = "meseta/master"): Promise<string> {
  const address = { hosts: etcd.hosts, folder, access };
  const store = openEtcd(address);
  try {
    const { epoch } = await store.open();
    await store.commit({ puts: new Map([["a", "1"]]), deletes: new Set() }, epoch);
    const election = etcdElection(address);
    await election.stand(ADDRESS);
    await election.resign();
    return JSON.stringify(await store.scan(""));
  } catch (error) {
    return (error as Error).message;
  } finally {
    await store.close();
  }
}

const DONE = '[["a","1"]]';

describe.runIf(hasEtcd)("an etcd that is spoken to over TLS, and wants a certificate of its clients", () => {
  const dir = testFolder("tls");
  let etcd: EtcdCluster;
  let tls: EtcdTls;
  beforeAll(async () => {
    const text = (file: string) => readFileSync(join(dir, file), "utf8");
    for (const name of ["ca", "other"]) authority(dir, name);
    for (const [name, signer] of [
      ["member", "ca"],
      ["client", "ca"],
      ["stranger", "other"],
    ] as const)
      certificate(dir, name, signer);
    tls = { ca: text("ca.pem"), cert: text("client.pem"), key: text("client.key") };
    const files = ["--cert-file", join(dir, "member.pem"), "--key-file", join(dir, "member.key")];
    etcd = await EtcdCluster.start(1, [...files, "--client-cert-auth", "--trusted-ca-file", join(dir, "ca.pem")], {
      tls,
    });
  });
  afterAll(async () => {
    await etcd?.stop();
  });

  it("has stores and elections for who shows one, and knows the authority of its own", async () => {
    expect(await use(etcd, { tls })).toBe(DONE);
  });

  it("is not believed when another authority has signed for it, and does not let others in", async () => {
    const text = (file: string) => readFileSync(join(dir, file), "utf8");
    const answer = async (origin: string, presented?: EtcdTls) => {
      const channel = new GrpcChannel(`${origin}://${etcd.hosts[0]}`, { tls: presented });
      const refused = await channel.call("etcdserverpb.KV/Range", encodeRange({ key: "x" }), PATIENCE_MS).catch(String);
      channel.close();
      return refused;
    };
    expect(await answer("https", tls)).toBeInstanceOf(Uint8Array);
    expect(await answer("https", { ...tls, ca: text("other.pem") })).toMatch(/GrpcUnanswered: .*certificate/);
    const stranger = { ca: tls.ca, cert: text("stranger.pem"), key: text("stranger.key") };
    for (const refused of [
      await answer("https", stranger),
      await answer("https", { ca: tls.ca }),
      await answer("http"),
    ])
      expect(refused).toMatch(/GrpcUnanswered/);
  });
});

describe.runIf(hasEtcd)("an etcd that knows users", () => {
  const user = { name: "meseta", password: "pass word/ß" };
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
    expect(await use(etcd, { user })).toBe(DONE);
    await administer("user/add", { name: "root", password: "root" });
    await administer("user/grant", { user: "root", role: "root" });
    await administer("role/add", { name: "ours" });
    const [key, range_end] = ["/meseta/", "/meseta0"].map((text) => Buffer.from(text).toString("base64"));
    await administer("role/grant", { name: "ours", perm: { permType: "READWRITE", key, range_end } });
    await administer("user/add", user);
    await administer("user/grant", { user: "meseta", role: "ours" });
    await administer("auth/enable", {});
  });
  afterAll(() => etcd?.stop());
  const administer = async (what: string, body: object) => {
    const path = what === "auth/enable" ? what : `auth/${what}`;
    const answer = await fetch(`http://${etcd.hosts[0]}/v3/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok && !(await answer.text()).includes("already exists")) throw new Error(`${what}: ${answer.status}`);
  };

  it("has stores and elections for a user who may read and write there, and nowhere else", async () => {
    expect(await use(etcd, { user })).toBe(DONE);
    expect(await use(etcd, { user }, "others/master")).toMatch(/permission denied.*a role that may read and write/);
  });

  it("refuses who names no user or has a wrong password, and says what to set", async () => {
    expect(await use(etcd, undefined)).toMatch(/--etcd-user NAME.*MESETA_ETCD_PASSWORD/);
    expect(await use(etcd, { user: { ...user, password: "wrong" } })).toMatch(/--etcd-user and the password/);
  });

  it("is asked for another token when it was started anew and knows none of before", async () => {
    const store = openEtcd({ hosts: etcd.hosts, folder: "meseta/restarted", access: { user } });
    const { epoch } = await store.open();
    await etcd.killMember(0);
    etcd.startMember(0);
    await store.commit({ puts: new Map([["b", "2"]]), deletes: new Set() }, epoch);
    expect(await store.scan("")).toEqual([["b", "2"]]);
    await store.close();
  });
});

function authority(dir: string, name: string): void {
  const files = ["-keyout", join(dir, `${name}.key`), "-out", join(dir, `${name}.pem`)];
  openssl("req", "-x509", ...NEW_KEY, ...files, "-subj", `/CN=${name}`);
}

function certificate(dir: string, name: string, signer: string): void {
  const [key, request, out] = ["key", "csr", "pem"].map((end) => join(dir, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  openssl("req", ...NEW_KEY, "-keyout", key, "-out", request, "-subj", `/CN=${name}`, ...names);
  const by = ["-CA", join(dir, `${signer}.pem`), "-CAkey", join(dir, `${signer}.key`), "-CAcreateserial"];
  openssl("x509", "-req", "-in", request, "-out", out, ...by, "-copy_extensions", "copy");
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
