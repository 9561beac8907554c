// The doors of the container driver: images and networks. They stand behind it in drivers/image and drivers/network.
import type { ContainerNetwork, ImageWish, NetworkAddress } from "@meseta/kernel/core/agent/isolation.ts";

/** Images by name, made ready as unpacked layers on this machine's disk. */
export interface Images {
  /**
   * Resolves when all layers lie unpacked; the image is in use by `holder` (a container's id) until `release`, also across
   * restarts. Rejects with a sentence for people that names the image, what went wrong and what to do; or when `signal` aborts.
   * Owners, frameworks for example, share the places of pulls; absent: the agent's operator.
   */
  prepare(wish: ImageWish, holder: string, signal: AbortSignal, owner?: string): Promise<ReadyImage>;
  release(holder: string): void;
  /** The driver's start: holders that are none of these are gone. */
  recover(holders: ReadonlySet<string>): Promise<void>;
  /** Removes what nobody uses, but for images of these names. */
  prune(excluded: readonly string[]): Promise<void>;
}

export interface ReadyImage {
  /** "sha256:…" of the manifest. */
  readonly digest: string;
  /** Absolute folders in the form that overlayfs wants (whiteouts as devices 0:0, opaque as an attribute), topmost first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
}

/** The `config` part of an OCI image configuration (image-spec, config.md), fields by its names. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Volumes?: Readonly<Record<string, unknown>>;
}

/** Network namespaces of containers. */
export interface Networks {
  /**
   * Makes the namespace of `wish.group` when its first container joins, with all its networks; idempotent for a container.
   * Rejects with a sentence for people; then nothing is left behind.
   */
  join(container: string, wish: ContainerNetwork & { readonly kind: "own" }): Promise<JoinedNetwork>;
  /** The namespace goes with its last container, addresses and port mappings with it. Never rejects: what stays is swept later. */
  leave(container: string): Promise<void>;
  /** The driver's start: containers that are none of these have left. */
  recover(containers: ReadonlySet<string>): Promise<void>;
  /** Now and then: takes down what could not be taken down before. Never rejects. */
  sweep(): Promise<void>;
  /** The joined namespace of a container of now or of an earlier life. */
  joined(container: string): JoinedNetwork | undefined;
}

export interface JoinedNetwork {
  /** Absolute path of the network namespace. */
  readonly namespace: string;
  readonly addresses: readonly NetworkAddress[];
  /** Files to be seen inside as /etc/hosts, /etc/hostname and /etc/resolv.conf. */
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
}
