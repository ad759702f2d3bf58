"use client";

import { useEffect, useRef } from "react";
import { ExactTime } from "@/app/_components/moment";
import { CopyButton } from "@/app/_components/ui/copy-button";
import { Notice } from "@/app/_components/ui/notice";

/** A token, the one time that it is shown. `endsAt` is RFC 3339. */
export function NewToken({
  name,
  token,
  endsAt,
  origin,
  locale,
}: {
  name: string;
  token: string;
  endsAt: string;
  origin: string;
  locale: string;
}) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <section aria-labelledby="made" className="max-w-xl space-y-5">
      <h2 id="made" ref={title} tabIndex={-1} className="font-semibold text-lg">
        <bdi>{name}</bdi> is ready
      </h2>
      <Notice look="warning">
        <p>
          Copy the token now: it is shown only once. Anyone who has it can act as you, so treat it like a
          password.
        </p>
      </Notice>
      <Copied label="Token" text={token} />
      <Copied
        label="Try it in a shell"
        text={`curl -H "Authorization: Bearer ${token}" ${origin}/api/auth/verify`}
      />
      <p className="text-muted-foreground">
        It expires on <ExactTime at={endsAt} locale={locale} />, or when you sign it out.
      </p>
      <p>
        {/* A full navigation: the token stays nowhere in the router's cache. */}
        <a href="/sessions" className="link inline-block py-1">
          I have copied it. Back to my devices
        </a>
      </p>
    </section>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <div className="flex items-center justify-between gap-3">
        <h3 className="font-medium text-sm">{label}</h3>
        <CopyButton text={text} label={label.toLowerCase()} />
      </div>
      <code className="mt-1.5 block break-all rounded-md border border-border bg-muted p-3 font-mono text-[0.8125rem]">
        {text}
      </code>
    </div>
  );
}
