#!lua flags=no-writes
-- Finds some of the locks of an owner in one shard.
--
-- KEYS[1] owners of the shard
-- KEYS[2] the generation of the shard
-- KEYS[3] the newest version that each writer made in it
-- ARGV[1] where to begin, in the form of ZRANGEBYLEX
-- ARGV[2] where to end
-- ARGV[3] how many to return at most
-- ARGV[4] the generation that the caller knows
-- ARGV[5] the caller, as a writer
-- ARGV[6] the newest version that it knows to have made; "0": none
--
-- Returns {member, member, ...}

if redis.call("GET", KEYS[2]) ~= ARGV[4] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end
if tonumber(redis.call("HGET", KEYS[3], ARGV[5]) or 0) < tonumber(ARGV[6]) then
  return redis.error_reply("OLDER the shard does not have what it was given")
end

return redis.call("ZRANGEBYLEX", KEYS[1], ARGV[1], ARGV[2], "LIMIT", 0, ARGV[3])
