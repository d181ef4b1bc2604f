-- The Unix second in which a token for the account is issued. No revocation until now covers it. The statement
-- that asks may have waited for a revocation that it does not see. A volatile function sees it.

CREATE FUNCTION token_issued_s(of_account bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN greatest(
    floor(extract(epoch FROM clock_timestamp())),
    (SELECT floor(extract(epoch FROM before)) + 1 FROM token_revocations WHERE account_id = of_account)
  );
END $$;
