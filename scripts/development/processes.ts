import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { problem } from "../problem";

// Marks are empty files named "<pid>.<start>.<random>". The name says all, so a mark is never half written, and the
// process's start time tells it from a later process that was given the same pid.

function startOf(pid: number): string {
  try {
    if (process.platform !== "linux") return ps(pid, "lstart").replaceAll(/\W+/g, "-");
    // Field 22 of /proc/<pid>/stat; the command before it may contain spaces and parentheses.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** The command line of a process; empty when there is none, or where (on Windows) it is not easily told. */
export function commandOf(pid: number): string {
  try {
    if (process.platform !== "linux") return ps(pid, "command");
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function ps(pid: number, column: "lstart" | "command"): string {
  if (process.platform === "win32") return "";
  return execFileSync("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" });
}

/** A new name for something that belongs to this process. */
export function newMark(): string {
  return `${process.pid}.${startOf(process.pid)}.${randomBytes(4).toString("hex")}`;
}

/** Whether the process that made the mark still runs. */
export function isAlive(mark: string): boolean {
  const [pid, start] = mark.split(".");
  return Number(pid) > 0 && exists(Number(pid)) && startOf(Number(pid)) === start;
}

/** Whether a process has that id, of any user. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The marks in a folder whose processes still run. Those of the dead are removed. */
export async function livingMarks(folder: string): Promise<string[]> {
  const marks = await readdir(folder);
  const dead = marks.filter((mark) => !isAlive(mark));
  await Promise.all(dead.map((mark) => rm(join(folder, mark), { force: true })));
  return marks.filter((mark) => !dead.includes(mark));
}

/** Removes what killed processes left half made: everything named "<name>.<mark>" whose process is gone. */
export async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, mark] = /\.(\d+\.[^.]*\.[0-9a-f]{8})$/.exec(name) ?? [];
    if (mark && !isAlive(mark)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const PATIENCE = 60_000;

/**
 * Runs `work` while no other process is inside `withLock` for the same folder; waits up to a minute.
 *
 * A process puts its mark down, then looks: if no other living mark is there, it has the lock. Of two, the later always sees
 * the earlier. The mark of a killed process does not count, so there is no stale lock to break.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mark = newMark();
  const path = join(folder, mark);
  const deadline = Date.now() + PATIENCE;
  try {
    while (true) {
      await writeFile(path, "");
      const others = (await livingMarks(folder)).filter((other) => other !== mark);
      if (others.length === 0) return await work();
      await rm(path);
      if (Date.now() > deadline)
        throw problem(`Process ${others[0]?.split(".")[0]} does not let go of ${folder}.`);
      await sleep(20 + Math.random() * 80);
    }
  } finally {
    await rm(path, { force: true });
  }
}
