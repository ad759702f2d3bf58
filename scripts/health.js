// @ts-check

// Asks the server of this container whether it lives. For Docker's HEALTHCHECK, in an image without curl. The verifier has
// another port and another path: `node scripts/health.js 3001 /health/live`.

const { PORT, HOSTNAME } = process.env;
const [, , port = PORT || 3000, path = "/api/health/live"] = process.argv;
const { hostname } = await import("node:os");
const host =
  !HOSTNAME || HOSTNAME === hostname() || ["0.0.0.0", "::"].includes(HOSTNAME) ? "127.0.0.1" : HOSTNAME;
const name = host.includes(":") ? `[${host}]` : host;
const answer = await fetch(`http://${name}:${port}${path}`).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;

export {};
