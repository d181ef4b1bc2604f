FROM node:20-bookworm-slim
WORKDIR /sallyport
COPY . .
RUN node -e "import('./scripts/prepare.mjs').then(({ prepare }) => prepare())"
USER node
ENTRYPOINT ["node", "packages/cli/dist/main.js"]
