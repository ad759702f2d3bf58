import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { openSocket } from "./generator-load";
import { type AwaitEnd, type EndResult, machineTime, type OpenStreams } from "./jobs";

const BEGUN = "retry:";
const TOLD = "event: ended";
const LAST_CHUNK = "0\r\n\r\n";
/** Connections that are being opened at the same time: a server's line of new ones is not endless. */
const OPENING = 100;
const ATTEMPTS = 20;

type Stream = { socket: Socket; toldAt: number; endedAt: number; bytes: number };

let streams: Stream[] = [];
let watcher: (() => void) | undefined;

/** Opens the streams; resolves when each has its head and its first line. */
export async function openStreams({ port, requests }: OpenStreams): Promise<undefined> {
  const waiting = [...requests];
  const openSome = async () => {
    for (let request = waiting.pop(); request !== undefined; request = waiting.pop())
      streams.push(await openStream(port, request));
  };
  await Promise.all(Array.from({ length: OPENING }, openSome));
  return undefined;
}

/** Comes again after a 503, as a browser does. */
async function openStream(port: number, request: string): Promise<Stream> {
  for (let attempt = 1; ; attempt += 1) {
    const { stream, answer } = await tryToOpen(port, request);
    if (answer.startsWith("HTTP/1.1 200")) return stream;
    stream.socket.destroy();
    if (attempt === ATTEMPTS || !answer.startsWith("HTTP/1.1 503")) throw new Error(answer);
    await pause(500);
  }
}

async function tryToOpen(port: number, request: string): Promise<{ stream: Stream; answer: string }> {
  const socket = await openSocket(port);
  const stream: Stream = { socket, toldAt: Number.NaN, endedAt: Number.NaN, bytes: 0 };
  const answer = await new Promise<string>((resolve, reject) => {
    let text = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      hear(stream, chunk);
      if (text.includes(BEGUN)) return;
      text += chunk.toString("latin1");
      if (text.includes(BEGUN) || !text.startsWith("HTTP/1.1 200")) resolve(text);
    });
    socket.write(request);
  });
  return { stream, answer };
}

function hear(stream: Stream, chunk: Buffer): void {
  const text = chunk.toString("latin1");
  stream.bytes += chunk.length;
  if (Number.isNaN(stream.toldAt) && text.includes(TOLD)) stream.toldAt = machineTime();
  if (!text.endsWith(LAST_CHUNK)) return;
  stream.endedAt = machineTime();
  watcher?.();
}

/** Waits for the end of all streams, and forgets them. */
export async function awaitEnd({ patience }: AwaitEnd): Promise<EndResult> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience);
    let left = streams.filter((stream) => Number.isNaN(stream.endedAt)).length;
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    watcher = () => {
      left -= 1;
      if (left === 0) settle();
    };
    if (left === 0) settle();
  });
  watcher = undefined;
  const ended = streams;
  streams = [];
  for (const { socket } of ended) socket.destroy();
  return {
    toldAt: Float64Array.from(ended, (stream) => stream.toldAt),
    endedAt: Float64Array.from(ended, (stream) => stream.endedAt),
    bytes: ended.reduce((total, stream) => total + stream.bytes, 0),
  };
}
