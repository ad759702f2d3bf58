import { connect } from "node:net";
import { expect, inject, test } from "vitest";

const server = inject("plain");

/** What arrives in one go for a request, and whether more came before the connection was closed. */
function chunksOf(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    const chunks: string[] = [];
    socket.on("data", (chunk) => chunks.push(chunk.toString()));
    socket.on("error", reject);
    socket.on("close", () => resolve(chunks));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
}

test("the head and the body of a small answer are written to the socket together", async () => {
  for (let round = 0; round < 10; round += 1) {
    const chunks = await chunksOf("/api/health/live");
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n.*"ok"/s);
  }
});
