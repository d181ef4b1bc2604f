FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN node scripts/release.mjs /release

FROM node:20-bookworm-slim
ENV NODE_ENV=production ADMIN_PORT=9464 SALLYPORT_DATA=/data
COPY --from=build /release /sallyport
RUN mkdir /data && chown node:node /data
WORKDIR /sallyport
USER node
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "packages/cli/dist/health.js"]
ENTRYPOINT ["node", "packages/cli/dist/main.js"]
CMD ["up"]
