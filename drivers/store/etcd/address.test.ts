import { expect, test } from "vitest";
import { etcdUrl, readEtcdUrl } from "./address.ts";

test.each([
  ["etcd://h1", ["h1:2379"], ""],
  ["etcd://h1:2379,h2:2380/", ["h1:2379", "h2:2380"], ""],
  ["etcd://10.0.0.1,10.0.0.2/meseta/east-1", ["10.0.0.1:2379", "10.0.0.2:2379"], "meseta/east-1"],
  ["etcd://[::1]:12379/x/", ["[::1]:12379"], "x"],
])("%s is read, and written so that it is read the same", (url, hosts, folder) => {
  expect(readEtcdUrl(url)).toEqual({ hosts, folder });
  expect(readEtcdUrl(etcdUrl({ hosts, folder }))).toEqual({ hosts, folder });
});

test.each([
  ["etcd:h1:2379", "it does not begin with etcd://"],
  ["etcds://h1", "it does not begin with etcd://"],
  ["etcd://", '"" is no host:port'],
  ["etcd://h1,,h2", '"" is no host:port'],
  ["etcd://h1:0", '"h1:0" is no host:port'],
  ["etcd://h1:99999", '"h1:99999" is no host:port'],
  ["etcd://h 1", '"h 1" is no host:port'],
  ["etcd://h1:2379,h1", "a member is named twice"],
  ["etcd://me:secret@h1", "user and password do not belong into it: --etcd-user, and MESETA_ETCD_PASSWORD"],
  ["etcd://h1/a//b", '"/a//b" is no folder: letters, digits, ".", "_", "%" and "-", with "/" between'],
  ["etcd://h1/a?b", '"/a?b" is no folder: letters, digits, ".", "_", "%" and "-", with "/" between'],
])("%s is refused: %s", (url, problem) => {
  expect(readEtcdUrl(url)).toEqual({ problem });
});
