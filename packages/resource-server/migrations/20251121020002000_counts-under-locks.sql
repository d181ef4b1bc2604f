-- These functions count what a user or an entry has, for a statement that adds to it. A statement does not see
-- what others store while it runs, so requests at once could each find room for one more. A function locks a row
-- first and counts then, and its count sees all that was stored until it has the lock. The lock lasts until the
-- addition is stored. Statements that refer to the row do not wait for it.

CREATE FUNCTION resource.unverified_entries(author integer, board integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM resource.users WHERE id = author FOR NO KEY UPDATE;
  RETURN (
    SELECT count(*) FROM resource.leaderboard_entries
    WHERE user_id = author AND leaderboard_id = board AND NOT verified
  );
END $$;

-- Only the author of an entry adds proofs to it.

CREATE FUNCTION resource.kept_proofs(author integer, entry integer, OUT of_entry bigint, OUT author_bytes bigint)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM resource.users WHERE id = author FOR NO KEY UPDATE;
  SELECT count(*) FILTER (WHERE f.entry_id = entry), coalesce(sum(f.bytes), 0) INTO of_entry, author_bytes
    FROM resource.files f JOIN resource.leaderboard_entries e ON e.id = f.entry_id WHERE e.user_id = author;
END $$;

CREATE FUNCTION resource.kept_comments(entry integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM resource.leaderboard_entries WHERE id = entry FOR NO KEY UPDATE;
  RETURN (SELECT count(*) FROM resource.entry_comments WHERE entry_id = entry);
END $$;
