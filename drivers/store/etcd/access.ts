/** How a client knows that it talks to the right etcd, and proves who it is. Plain, so that a thread can be handed it. */
export interface EtcdAccess {
  /** Present: only over TLS. PEM texts. */
  readonly tls?: EtcdTls | undefined;
  readonly user?: { readonly name: string; readonly password: string } | undefined;
}

export interface EtcdTls {
  /** Who signs the members' certificates; absent: whom the machine trusts anyway. */
  readonly ca?: string | undefined;
  /** The client's own certificate and key, both or none. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}
