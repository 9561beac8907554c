import type { Flag } from "../flags.ts";

/** Of every command that has records in an etcd. The password is no flag, since others see command lines. */
export const ETCD_FLAGS: Readonly<Record<string, Flag>> = {
  "etcd-ca": {
    value: "FILE",
    help: "Who signs the certificates of etcd's members (PEM): then it is spoken to over TLS.",
  },
  "etcd-cert": { value: "FILE", help: "The certificate to show to an etcd that wants one (PEM); over TLS." },
  "etcd-key": { value: "FILE", help: "Its key (PEM)." },
  "etcd-user": { value: "NAME", help: "As whom to talk to etcd; the password is in MESETA_ETCD_PASSWORD or a file." },
  "etcd-password-file": {
    value: "FILE",
    help: "The file with that password; a line break at its end is not part of it.",
  },
};
