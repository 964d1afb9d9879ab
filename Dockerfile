# The controller's image: docker build -t registry.example.com/palisade:0.1.0 .
# Tags are pinned to a release; for builds that can be repeated bit for bit pin digests (FROM image:tag@sha256:…) and let a bot renew
# them.
# Without Docker and without a registry, buildah (Debian has it) builds it as root, from bases that lie on this machine:
#   buildah bud --isolation chroot --build-context rust:1.95-bookworm=container-image://localhost/rust \
#     --build-context gcr.io/distroless/cc-debian12:nonroot=container-image://localhost/cc -t palisade:0.1.0 .
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin palisade && cp target/release/palisade /palisade

# glibc, libgcc and the CA certificates, and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /palisade /palisade
# Memory that passes leave is given back at once: the allocator does so only when it is used again, and between resyncs it is not.
ENV MIMALLOC_PURGE_DELAY=0
# nonroot, by number: Kubernetes' runAsNonRoot cannot judge a name.
USER 65532:65532
# metrics, health
EXPOSE 8080 8081
ENTRYPOINT ["/palisade"]
