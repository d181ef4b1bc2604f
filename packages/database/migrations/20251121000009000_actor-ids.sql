-- Ids from 2^31 on belong to actors that are no players: see `firstActorId`.

ALTER TABLE accounts ALTER COLUMN id SET MAXVALUE 2147483647;
ALTER TABLE characters ALTER COLUMN id SET MAXVALUE 2147483647;
