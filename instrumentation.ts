/** Next calls this once when a server starts, before the first request. */
export async function register(): Promise<void> {
  // A constant of the build, not a setting: the edge bundle must not even contain the import.
  if (process.env.NEXT_RUNTIME === "nodejs") await (await import("@/lib/server")).startServer();
}
