#!lua flags=no-writes
-- Finds some of the locks of an owner in one shard.
--
-- KEYS[1] the owners of the shard
-- KEYS[2] the generation of the shard
-- KEYS[3] the newest version that each writer made in the shard
-- ARGV[1] the lower bound, in the form of ZRANGEBYLEX
-- ARGV[2] the upper bound, in the same form
-- ARGV[3] the maximum number of members to return
-- ARGV[4] the generation that the caller knows
-- ARGV[5] the id of the calling store, as a writer
-- ARGV[6] the newest version that this writer knows it made; "0": none
--
-- Returns {member, member, ...}; a member is "owner NUL lock key"

if redis.call("GET", KEYS[2]) ~= ARGV[4] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end
if tonumber(redis.call("HGET", KEYS[3], ARGV[5]) or 0) < tonumber(ARGV[6]) then
  return redis.error_reply("OLDER the shard does not have what it was given")
end

return redis.call("ZRANGEBYLEX", KEYS[1], ARGV[1], ARGV[2], "LIMIT", 0, ARGV[3])
