// @ts-check

// tsx keeps what it has compiled in /tmp and runs it again whoever put it there: another account of this machine could
// have its code run as ours. So it compiles everything each time, and only in development.
process.env.TSX_DISABLE_CACHE = "1";
const { register } = await import("tsx/esm/api");
register();

export {};
