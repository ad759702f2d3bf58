// @ts-check

// The headers of every answer are set in lib/http/node-server/front-door.ts: Next's own errors have them there, too.

/** @type {import("next").NextConfig} */
export default {
  // `npm start` and the image run what Next puts together in .next/standalone. See scripts/finish-build.js.
  output: "standalone",
  // Next copies its image optimiser, which is off here, with 19 MB of native code, and 4 MB of metrics by which a build, and
  // nothing later, chooses the fallback of a font.
  outputFileTracingExcludes: {
    "**": [
      "node_modules/sharp/**",
      "node_modules/@img/**",
      "node_modules/next/dist/server/capsize-font-metrics.json",
    ],
  },
  poweredByHeader: false,
  typedRoutes: true,
  // Routes write a line of their own for each request.
  logging: { incomingRequests: { ignore: [/^\/(api|\.well-known)\//] } },
  // No remote pictures here, so no image optimiser to attack.
  images: { unoptimized: true },
  // Native code and clients with state of their own stay outside the bundle.
  serverExternalPackages: ["@node-rs/argon2", "pg", "@prisma/adapter-pg", "prom-client", "nodemailer"],
};
