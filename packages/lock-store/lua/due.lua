#!lua flags=no-writes
-- Finds the locks of one shard whose deadline has passed. Costs what it returns, not what waits.
--
-- KEYS[1] deadlines of the shard
-- KEYS[2] the generation of the shard
-- ARGV[1] how many of the earliest to pass over
-- ARGV[2] how many to return at most
-- ARGV[3] the generation that the caller knows
--
-- Returns {how many are due in all, {lock key, lock key, ...}}, the earliest first

if redis.call("GET", KEYS[2]) ~= ARGV[3] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local count = redis.call("ZCOUNT", KEYS[1], "-inf", nowMs)
if count == 0 then
  return { 0, {} }
end
return { count, redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", nowMs, "LIMIT", ARGV[1], ARGV[2]) }
