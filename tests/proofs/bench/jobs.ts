// What the bench and its generator process tell each other.

/** Requests over several connections, each of which sends the next one when the last is answered. */
export type Load = {
  kind: "load";
  port: number;
  connections: number;
  /** As bytes. With `milliseconds` they are repeated in turn until the time is over; without, each is sent once. */
  requests: string[];
  milliseconds?: number;
  /** The status that every answer must have. */
  status: number;
};

export type LoadResult = {
  seconds: number;
  /** Of each answer, in milliseconds. */
  latencies: Float64Array;
  bytes: number;
  /** Answers that say, with a 5xx status, that the database was too slow. Any other unexpected status ends the job. */
  unavailable: number;
};

/** Opens a stream for each request and keeps it; answered when all of them have begun. */
export type OpenStreams = { kind: "open"; port: number; requests: string[] };
/** Answered when all open streams have been told and have ended, or at the end of `patience` milliseconds. */
export type AwaitEnd = { kind: "await-end"; patience: number };

/** Moments on the monotonic clock of the machine, in milliseconds; NaN for what did not happen. */
export type EndResult = { toldAt: Float64Array; endedAt: Float64Array; bytes: number };

export type Job = Load | OpenStreams | AwaitEnd;
export type ResultOf<J extends Job> = J extends Load
  ? LoadResult
  : J extends AwaitEnd
    ? EndResult
    : undefined;

/** The monotonic clock that all processes of a machine share, in milliseconds. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
