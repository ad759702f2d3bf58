"use client";

import { type ReactNode, useEffect, useState } from "react";

/**
 * Shows `now` at first and `later` after a while: what changes by itself needs no server. Both are there
 * all the time, so that what is told of times goes on in them. A new key starts it again.
 */
export function Until({
  milliseconds,
  now,
  later,
}: {
  milliseconds: number;
  now: ReactNode;
  later: ReactNode;
}) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  return (
    <>
      <span hidden={isOver}>{now}</span>
      <span hidden={!isOver}>{later}</span>
    </>
  );
}
