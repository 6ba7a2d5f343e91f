# syntax=docker/dockerfile:1

# The manifests with empty sources: this stage runs at every change, but its result changes only with a manifest or the
# lock, and only then are the libraries built again.
FROM rust:1.95-bookworm AS manifests
WORKDIR /source
COPY . .
RUN mkdir /manifests \
    && find . \( -name Cargo.toml -o -name Cargo.lock \) -exec cp --parents {} /manifests \; \
    && cd /manifests \
    && for crate in crates/* migration; do mkdir "$crate/src" && touch "$crate/src/lib.rs"; done \
    && echo 'fn main() {}' > crates/api/src/main.rs

# Of all the libraries only aws-lc and SQLite are C, and the image brings the compiler.
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY --from=manifests /manifests .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked --bin contacts-api
COPY . .
# Cargo compares times, and the empty sources are younger than the real ones.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find crates migration -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --bin contacts-api

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="contacts-api" \
      org.opencontainers.image.description="A self-hosted address-book service with a REST API" \
      org.opencontainers.image.licenses="GPL-3.0-or-later"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin contacts \
    && install -d -o contacts -g contacts -m 750 /data
COPY --from=build /source/target/release/contacts-api /usr/local/bin/
COPY LICENSE /usr/share/doc/contacts-api/
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
# The service keeps mails and pictures under data/ of where it is started, which is the volume.
WORKDIR /
VOLUME /data
ENV HOST=0.0.0.0 \
    PORT=8000 \
    DATABASE_URL=sqlite:///data/contacts.db?mode=rwc
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["contacts-api", "healthcheck"]
CMD ["contacts-api"]
