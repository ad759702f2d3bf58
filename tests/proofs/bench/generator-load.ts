import { connect, type Socket } from "node:net";
import { AnswerReader } from "./http";
import type { Load, LoadResult } from "./jobs";

type Progress = { next: number; bytes: number; latencies: number[]; unavailable: number; endsAt: number };

// A page has no better word for an absent database than 500.
const UNAVAILABLE = [500, 503];

/** Applies the load; fails when an answer has another status than expected, or a connection breaks. */
export async function applyLoad(load: Load): Promise<LoadResult> {
  const requests = load.requests.map((text) => Buffer.from(text));
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => openSocket(load.port)));
  const startedAt = performance.now();
  const progress: Progress = {
    next: 0,
    bytes: 0,
    latencies: [],
    unavailable: 0,
    endsAt: load.milliseconds === undefined ? Number.POSITIVE_INFINITY : startedAt + load.milliseconds,
  };
  try {
    await Promise.all(sockets.map((socket) => keepBusy(socket, requests, progress, load)));
    const seconds = (performance.now() - startedAt) / 1000;
    const { bytes, unavailable } = progress;
    return { seconds, latencies: Float64Array.from(progress.latencies), bytes, unavailable };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

function keepBusy(socket: Socket, requests: Buffer[], progress: Progress, load: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    let reader = new AnswerReader();
    let sentAt = 0;
    const sendNext = () => {
      const index = progress.next;
      const isOver =
        load.milliseconds === undefined ? index >= requests.length : performance.now() >= progress.endsAt;
      const request = requests[index % requests.length];
      if (isOver || !request) return resolve();
      progress.next += 1;
      reader = new AnswerReader();
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("data", (chunk) => {
      if (!reader.take(chunk)) return;
      progress.latencies.push(performance.now() - sentAt);
      progress.bytes += reader.bytes;
      if (UNAVAILABLE.includes(reader.status)) progress.unavailable += 1;
      else if (reader.status !== load.status)
        return reject(new Error(`Answered ${reader.status} instead of ${load.status}: ${chunk.toString()}`));
      sendNext();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("The server closed a connection.")));
    sendNext();
  });
}
