// @ts-check

// The same on every answer. What depends on the request or on the settings (the nonce of the Content-Security-Policy,
// HSTS) is added by proxy.ts and lib/http/address.ts.
const everywhere = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
];

const nothingToRun = [
  {
    key: "Content-Security-Policy",
    value: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
];

/** @type {import("next").NextConfig} */
export default {
  // `npm start` and the image run what Next puts together in .next/standalone. See scripts/finish-build.js.
  output: "standalone",
  // Next copies its image optimiser, which is off here, and 19 MB of native code with it.
  outputFileTracingExcludes: { "**": ["node_modules/sharp/**", "node_modules/@img/**"] },
  poweredByHeader: false,
  typedRoutes: true,
  // No remote pictures here, so no image optimiser to attack.
  images: { unoptimized: true },
  // Native code and clients with state of their own stay outside the bundle.
  serverExternalPackages: ["@node-rs/argon2", "pg", "@prisma/adapter-pg", "prom-client"],
  headers: async () => [
    { source: "/:path*", headers: everywhere },
    { source: "/api/:path*", headers: nothingToRun },
    { source: "/.well-known/:path*", headers: nothingToRun },
  ],
};
