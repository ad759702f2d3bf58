// @ts-check

// Asks the server of this container whether it lives. For Docker's HEALTHCHECK, in an image without curl.

const { PORT, HOSTNAME } = process.env;
const { hostname } = await import("node:os");
const host =
  !HOSTNAME || HOSTNAME === hostname() || ["0.0.0.0", "::"].includes(HOSTNAME) ? "127.0.0.1" : HOSTNAME;
const name = host.includes(":") ? `[${host}]` : host;
const answer = await fetch(`http://${name}:${PORT || 3000}/api/health/live`).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;

export {};
