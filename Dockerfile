# Manifests with empty sources. This stage runs at every change, but its result changes only with a manifest or the lock
# file. So the libraries are built again only then.
FROM rust:1.95.0-bookworm AS manifests
WORKDIR /source
COPY . .
RUN mkdir /manifests \
    && find . \( -name Cargo.toml -o -name Cargo.lock -o -path ./.cargo/config.toml \) -exec cp --parents {} /manifests \;
WORKDIR /manifests
RUN for crate in crates/* migration; do mkdir "$crate/src" && touch "$crate/src/lib.rs"; done \
    && echo 'fn main() {}' > crates/api/src/main.rs

# Only two libraries are written in C, aws-lc and SQLite. The image contains the compiler.
FROM rust:1.95.0-bookworm AS build
WORKDIR /source
# The paths and the date in the program, as in scripts/build-release.
ENV RUSTFLAGS=--remap-path-prefix=/usr/local/cargo=/cargo \
    CFLAGS=-ffile-prefix-map=/usr/local/cargo=/cargo \
    SOURCE_DATE_EPOCH=0
COPY --from=manifests /manifests .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked --bin contacts-api
COPY . .
# Cargo compares modification times, and the empty sources are newer than the real ones.
ARG VERSION=0.1.0
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find crates migration -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --bin contacts-api \
    # The label below must have the version of the program.
    && test "$(target/release/contacts-api --version)" = "contacts-api $VERSION" \
    && mkdir /data

# The final image contains only libc, CA certificates and the program: no shell, no package manager.
# The base image has no versions, so it is pinned by digest.
FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="contacts-api" \
      org.opencontainers.image.description="A self-hosted address-book service with a REST API" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="GPL-3.0-or-later"
COPY LICENSE /usr/share/doc/contacts-api/
# A new volume takes its owner from this folder.
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /source/target/release/contacts-api /usr/local/bin/
# A numeric id, so that an orchestrator can verify that it is not root.
USER 65532:65532
# The service stores mails and pictures under data/ in the working directory, which is the volume.
WORKDIR /
VOLUME /data
ENV HOST=0.0.0.0 \
    PORT=8000 \
    DATABASE_URL=sqlite:///data/contacts.db?mode=rwc
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["contacts-api", "healthcheck"]
ENTRYPOINT ["contacts-api"]
