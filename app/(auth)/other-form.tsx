import Link from "next/link";

/** The way from log-in to sign-up and back, to the same `next`. */
export function OtherForm({
  href,
  next,
  question,
  label,
}: {
  href: "/login" | "/signup";
  next: string | null;
  question: string;
  label: string;
}) {
  return (
    <p className="mt-6">
      {question}{" "}
      <Link href={{ pathname: href, query: next ? { next } : {} }} className="link inline-block py-2">
        {label}
      </Link>
    </p>
  );
}
