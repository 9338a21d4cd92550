# One image for all services: the argument says which one runs.
#   docker build -t costlane .
#   docker run --rm -p 127.0.0.1:8000:8000 -e REDIS_URL=redis://… costlane gateway
#   docker run --rm -e DATABASE_URL=postgres://… costlane cost-attribution --migrate
# Services: gateway cache router batcher provider-worker cost-attribution mock-llm
ARG NODE_IMAGE=node:22-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
# The packages change less often than the sources: a layer of their own. None needs its install script here.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY tools ./tools
COPY proto ./proto
COPY libs ./libs
COPY apps ./apps
RUN node tools/build.mjs && node tools/deploy/licenses.mjs dist/THIRD-PARTY-LICENSES.txt

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    API_HOST=0.0.0.0 \
    MOCK_LLM_HOST=0.0.0.0 \
    COSTLANE_DATA_DIR=/data
WORKDIR /costlane
# The one folder that is written to: completions wait there while Redis is away.
RUN mkdir /data && chown node:node /data
COPY LICENSE ./
COPY tools/deploy/container.mjs tools/deploy/health.mjs ./
# Bundles hold everything that they need; no node_modules here.
COPY --from=build /src/dist ./dist
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8000-8005 50051-50056
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["node", "health.mjs"]
# Exec form, and no shell and no npm in between: the service itself gets SIGTERM, drains and exits with 0.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "container.mjs"]
CMD ["gateway"]
