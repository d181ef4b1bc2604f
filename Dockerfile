FROM node:26-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN node scripts/release.mjs /release

FROM node:26-bookworm-slim
# glibc keeps memory that thousands of connections used for a moment; jemalloc returns it to the system.
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2 && rm -rf /var/lib/apt/lists/*
ENV LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0
ENV NODE_ENV=production ADMIN_PORT=9464 SALLYPORT_DATA=/data
COPY --from=build /release /sallyport
RUN mkdir /data && chown node:node /data
WORKDIR /sallyport
USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "packages/cli/dist/health.js"]
ENTRYPOINT ["node", "packages/cli/dist/sallyport.js"]
CMD ["up"]
