-- The fence of an account when its password was set. So a server that lost the answer of that statement still
-- learns which logins are older than the password.

ALTER TABLE accounts ADD COLUMN password_fence bigint NOT NULL DEFAULT 0;
