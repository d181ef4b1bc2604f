-- A token that comes after a revocation is dated to the next second, so it may be dated ahead of the clock. A
-- second revocation has to cover that date as well, even if both are of one second. So it is at least as late as
-- the beginning of the second after the revocation before it.

CREATE OR REPLACE FUNCTION revoke_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO token_revocations AS known (account_id, before) VALUES (OLD.id, clock_timestamp())
    ON CONFLICT (account_id) DO UPDATE
      SET before = greatest(EXCLUDED.before, date_trunc('second', known.before, 'UTC') + interval '1 second');
  RETURN NULL;
END $$;
