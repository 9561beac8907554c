#!/bin/sh
# Makes an image out of a folder, with nothing but tar and sha256sum: an OCI layout of one layer.
#   build.sh FOLDER LAYOUT TAG CMD...
set -eu
folder=$1 layout=$2 tag=$3
shift 3

blobs=$layout/blobs/sha256
mkdir -p "$blobs"

# Keeps a file as a blob; says how documents refer to it.
blob() {
  size=$(wc -c <"$1")
  digest=$(sha256sum "$1" | cut -c1-64)
  mv "$1" "$blobs/$digest"
  printf '"digest":"sha256:%s","size":%d' "$digest" "$size"
}

words=$(for word; do printf ',"%s"' "$word"; done)
case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac

tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$folder" -cf "$blobs/new" .
layer=$(blob "$blobs/new")
diff=$(echo "$layer" | cut -d'"' -f4)
cat >"$blobs/new" <<END
{"architecture":"$machine","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":[${words#,}]},"rootfs":{"type":"layers","diff_ids":["$diff"]}}
END
config=$(blob "$blobs/new")
cat >"$blobs/new" <<END
{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",$config},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",$layer}]}
END
manifest=$(blob "$blobs/new")
echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
cat >"$layout/index.json" <<END
{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",$manifest,"annotations":{"org.opencontainers.image.ref.name":"$tag"}}]}
END
echo "oci:$(cd "$layout" && pwd):$tag"
