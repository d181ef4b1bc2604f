#!lua flags=no-writes
-- Finds the locks of one shard whose deadline has passed. Locks that are not due cost almost nothing.
--
-- KEYS[1] the deadlines of the shard
-- KEYS[2] the generation of the shard
-- KEYS[3] the newest version that each writer made in the shard
-- ARGV[1] how many of the earliest due locks to skip
-- ARGV[2] the maximum number of locks to return
-- ARGV[3] the generation that the caller knows
-- ARGV[4] the id of the calling store, as a writer
-- ARGV[5] the newest version that this writer knows it made; "0": none
--
-- Returns {the number of all due locks, {lock key, lock key, ...}}, the earliest first

if redis.call("GET", KEYS[2]) ~= ARGV[3] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end
if tonumber(redis.call("HGET", KEYS[3], ARGV[4]) or 0) < tonumber(ARGV[5]) then
  return redis.error_reply("OLDER the shard does not have what it was given")
end

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local count = redis.call("ZCOUNT", KEYS[1], "-inf", nowMs)
if count == 0 then
  return { 0, {} }
end
return { count, redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", nowMs, "LIMIT", ARGV[1], ARGV[2]) }
