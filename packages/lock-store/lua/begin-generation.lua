#!lua
-- Begins a generation of one shard if there is none: at the first start, or after Redis lost all locks. If a
-- generation came back without its newest changes, the script replaces it and deletes its remaining locks.
--
-- KEYS[1] the generation of the shard: an id, a colon, and the time until which locks may be restored, in ms
-- KEYS[2] the deadlines of the shard, as in compare-and-set.lua
-- KEYS[3] the owners of the shard, as in compare-and-set.lua
-- KEYS[4] the newest version that each writer made in the shard
-- ARGV[1] the id for a new generation
-- ARGV[2] for how many milliseconds locks may be restored; "0": the shard never had any
-- ARGV[3] the generation to replace, if it is still the present one; "": none
-- ARGV[4] the prefix of every lock of the shard; the key of the lock follows it
--
-- Returns {the generation, now in ms}

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local generation = redis.call("GET", KEYS[1])

if generation and generation == ARGV[3] then
  -- Every lock is in one of these indexes. Its key is not among KEYS, but in the same slot of a Redis Cluster.
  for _, key in ipairs(redis.call("ZRANGE", KEYS[2], 0, -1)) do
    redis.call("DEL", ARGV[4] .. key)
  end
  for _, member in ipairs(redis.call("ZRANGE", KEYS[3], 0, -1)) do
    redis.call("DEL", ARGV[4] .. string.sub(member, string.find(member, "\0", 1, true) + 1))
  end
  redis.call("DEL", KEYS[2], KEYS[3])
  generation = nil
end

if not generation then
  generation = ARGV[1] .. ":" .. string.format("%.0f", nowMs + ARGV[2])
  redis.call("SET", KEYS[1], generation)
end
-- Writers that changed nothing for two days are gone, or no longer compare their versions.
local writers = redis.call("HGETALL", KEYS[4])
for at = 1, #writers, 2 do
  if (tonumber(writers[at + 1]) or 0) < (nowMs - 172800000) * 1000 then
    redis.call("HDEL", KEYS[4], writers[at])
  end
end
return { generation, nowMs }
