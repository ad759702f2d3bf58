# One image for the app and for its migrations. No secret goes in: settings come from where it runs (.env.example).

FROM node:24-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json .npmrc prisma.config.ts ./
COPY prisma/schema.prisma prisma/schema.prisma
COPY scripts/generate.js scripts/generate.js
RUN npm ci
COPY . .
RUN npm run build

# What the build has put together is all that it takes: no npm, no node_modules of ours, nothing of development.
FROM node:24-slim AS run
WORKDIR /app
ENV NODE_ENV=production
ENV NEXT_TELEMETRY_DISABLED=1
COPY --from=build /app/.next/standalone ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "scripts/health.js"]
# Node itself, so that SIGTERM reaches it: it ends within 10 s. Migrations: the same image with `node scripts/run.js migrate`.
CMD ["node", "scripts/run.js", "start"]
