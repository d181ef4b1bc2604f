#!lua flags=no-writes
-- Finds some of what an owner has in one shard.
--
-- KEYS[1] owners of the shard
-- KEYS[2] the generation of the shard
-- ARGV[1] where to begin, as ZRANGEBYLEX wants it
-- ARGV[2] where to end
-- ARGV[3] how many to return at most
-- ARGV[4] the generation that the caller knows
--
-- Returns {member, member, ...}

if redis.call("GET", KEYS[2]) ~= ARGV[4] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end

return redis.call("ZRANGEBYLEX", KEYS[1], ARGV[1], ARGV[2], "LIMIT", 0, ARGV[3])
