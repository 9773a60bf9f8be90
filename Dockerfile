# syntax=docker/dockerfile:1
# One image for all: the web process (its own command), workers and migrations (see compose.yaml). It brings no database.
ARG NODE_IMAGE=node:26.10.0-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN node scripts/image.mjs install
COPY prisma ./prisma
COPY prisma.config.ts next.config.ts postcss.config.mjs tsconfig.json ./
COPY app ./app
COPY components ./components
COPY lib ./lib
COPY server ./server
COPY worker ./worker
RUN node scripts/build.mjs
RUN node scripts/image.mjs prune

FROM ${NODE_IMAGE}
# tini reaps what scripts of steps leave behind; python3 is for script steps in Python (leave it out if you have none).
RUN apt-get update && apt-get install -y --no-install-recommends tini python3-minimal && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 NEXT_TELEMETRY_DISABLED=1
COPY --from=build --chown=node:node /app ./
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["node", "scripts/health.mjs", "web"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "scripts/run.mjs", "web"]
