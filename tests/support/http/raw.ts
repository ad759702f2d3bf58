import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { patience } from "../runner/slowness";

// HTTP byte for byte, for requests that no client library would send.

/** A connection to a server. How it ends does not matter. */
export async function openConnection({ url }: { url: string }): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Everything that comes back until the server ends the connection. */
export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => socket.destroy(new Error("No end.")), patience(60_000));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** Sends the bytes and gives what comes back until the connection ends. */
export async function exchange(place: { url: string }, bytes: string): Promise<string> {
  const socket = await openConnection(place);
  const answer = readToEnd(socket);
  socket.write(bytes, "latin1");
  return answer;
}

/** The bytes of a request. */
export function bytesOf(lines: string[], body = ""): string {
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
