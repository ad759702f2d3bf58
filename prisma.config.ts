import { defineConfig } from "prisma/config";

// `prisma generate` runs after every `npm ci`. It asks for a schema engine that it then does not use; naming any
// program spares it the download. Never for `migrate`, which would then do nothing and report success.
if (process.argv.includes("generate")) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

const url = process.env.DATABASE_URL;

/** For Prisma's own command line. The app and the scripts in package.json do not read it. */
export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  ...(url && { datasource: { url } }),
});
