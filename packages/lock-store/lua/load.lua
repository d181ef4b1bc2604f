#!lua flags=no-writes
-- Reads one lock, and the clock that its deadline uses.
--
-- KEYS[1] the lock
-- KEYS[2] the generation of the shard
-- KEYS[3] the newest version that each writer made in the shard
-- ARGV[1] the generation that the caller knows
-- ARGV[2] the id of the calling store, as a writer
-- ARGV[3] the newest version that this writer knows it made; "0": none
--
-- Returns {now in ms, version, value}, or {now in ms} if there is no lock

if redis.call("GET", KEYS[2]) ~= ARGV[1] then
  return redis.error_reply("GENERATION the shard is not as it was known")
end
if tonumber(redis.call("HGET", KEYS[3], ARGV[2]) or 0) < tonumber(ARGV[3]) then
  return redis.error_reply("OLDER the shard does not have what it was given")
end

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local lock = redis.call("HMGET", KEYS[1], "version", "value")
if not lock[1] then
  return { nowMs }
end
return { nowMs, tonumber(lock[1]), lock[2] }
