#!lua
-- Stores the presence of one server for a time, or removes it. Removes all expired presences too.
--
-- KEYS[1] presences: a hash, by id
-- KEYS[2] when they expire: a sorted set of ids, whose scores are times in milliseconds
-- ARGV[1] the id
-- ARGV[2] the presence of the server; "" to remove it
-- ARGV[3] for how many milliseconds the presence is listed
--
-- Returns the number of expired presences

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local over = redis.call("ZRANGEBYSCORE", KEYS[2], "-inf", nowMs)
for _, id in ipairs(over) do
  redis.call("HDEL", KEYS[1], id)
  redis.call("ZREM", KEYS[2], id)
end

if ARGV[2] == "" then
  redis.call("HDEL", KEYS[1], ARGV[1])
  redis.call("ZREM", KEYS[2], ARGV[1])
else
  redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
  redis.call("ZADD", KEYS[2], nowMs + ARGV[3], ARGV[1])
end
return #over
