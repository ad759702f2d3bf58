-- Raised by a change of the password: the seals of devices that were known before are worth nothing then.
ALTER TABLE "users" ADD COLUMN "device_epoch" INTEGER NOT NULL DEFAULT 0;

-- Until when attempts under this key are refused, in Unix milliseconds like "expire".
ALTER TABLE "rate_limits" ADD COLUMN "held_until" BIGINT;

-- From here on an address has one spelling: its domain in ASCII, the rest composed after it was put in lower case. Accounts
-- that are stored otherwise keep their address and log in with it. Their names are told here, and nothing is changed:
-- whose a mailbox is, only people know. See "Addresses from before" in docs/operations.md.

-- Punycode of a label (RFC 3492, section 6.3), with its prefix.
CREATE FUNCTION pg_temp.ascii_label(label text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  points int[] := ARRAY(SELECT ascii(c) FROM regexp_split_to_table(label, '') WITH ORDINALITY AS t(c, at) ORDER BY at);
  result text := '';
  n int := 128;
  delta bigint := 0;
  bias int := 72;
  basic int;
  done int;
  point int;
  q bigint;
  k int;
  t int;
BEGIN
  IF label !~ '[^\x01-\x7f]' THEN RETURN label; END IF;
  FOREACH point IN ARRAY points LOOP
    IF point < 128 THEN result := result || chr(point); END IF;
  END LOOP;
  basic := length(result);
  done := basic;
  IF basic > 0 THEN result := result || '-'; END IF;
  WHILE done < cardinality(points) LOOP
    delta := delta + (SELECT min(p) - n FROM unnest(points) p WHERE p >= n)::bigint * (done + 1);
    n := (SELECT min(p) FROM unnest(points) p WHERE p >= n);
    FOREACH point IN ARRAY points LOOP
      IF point < n THEN delta := delta + 1; END IF;
      CONTINUE WHEN point <> n;
      q := delta;
      k := 36;
      LOOP
        t := least(26, greatest(1, k - bias));
        EXIT WHEN q < t;
        result := result || substr('abcdefghijklmnopqrstuvwxyz0123456789', (t + (q - t) % (36 - t))::int + 1, 1);
        q := (q - t) / (36 - t);
        k := k + 36;
      END LOOP;
      result := result || substr('abcdefghijklmnopqrstuvwxyz0123456789', q::int + 1, 1);
      delta := CASE WHEN done = basic THEN delta / 700 ELSE delta / 2 END;
      delta := delta + delta / (done + 1);
      k := 0;
      WHILE delta > 455 LOOP
        delta := delta / 35;
        k := k + 36;
      END LOOP;
      bias := k + (36 * delta / (delta + 38))::int;
      delta := 0;
      done := done + 1;
    END LOOP;
    delta := delta + 1;
    n := n + 1;
  END LOOP;
  RETURN 'xn--' || result;
END
$$;

DO $$
DECLARE
  account record;
  other record;
  spelling text;
BEGIN
  -- Only there can an address hold such letters, and only there does normalize() work.
  IF current_setting('server_encoding') <> 'UTF8' THEN RETURN; END IF;
  FOR account IN SELECT id, email FROM users WHERE email ~ '[^\x01-\x7f]' ORDER BY id LOOP
    SELECT replace(normalize(split_part(account.email, '@', 1), NFC), 'ς', 'σ') || '@'
      || string_agg(pg_temp.ascii_label(label), '.' ORDER BY at)
    INTO spelling
    FROM regexp_split_to_table(normalize(split_part(account.email, '@', 2), NFKC), '\.') WITH ORDINALITY AS t(label, at);
    CONTINUE WHEN spelling = account.email;
    SELECT id, email INTO other FROM users WHERE email = spelling;
    IF FOUND THEN
      RAISE WARNING 'Account % (%) and account % (%) have one mailbox.', account.id, account.email, other.id, other.email;
    ELSE
      RAISE WARNING 'Account % (%) would be stored as % today.', account.id, account.email, spelling;
    END IF;
  END LOOP;
END
$$;
