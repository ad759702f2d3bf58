import { connect, createServer } from "node:net";

// Detects a pooler in between: it gives clients a cancellation key of its own.

const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

/** A road to a PostgreSQL, over TCP and without TLS, that looks like a pooler. Gives the URL by way of it. */
export async function startPooler(url: string): Promise<{ url: string; stop(): Promise<void> }> {
  const { hostname, port } = new URL(url);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    far.on("data", (data) => {
      const at = data.indexOf(KEY_DATA);
      if (at >= 0) data.writeInt32BE(1, at + KEY_DATA.length);
      near.write(data);
    });
    far.on("end", () => near.end());
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const through = new URL(url);
  through.port = String(address && typeof address === "object" ? address.port : 0);
  return {
    url: through.toString(),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
