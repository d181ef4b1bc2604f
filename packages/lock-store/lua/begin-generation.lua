#!lua
-- Begins a generation of one shard, unless there is one: the first one, or a new one after all locks were lost.
-- A generation that came back without its newest changes is replaced, and the rest of its locks is deleted.
--
-- KEYS[1] the generation of the shard: an id, a colon, and the time on this clock until which its locks are restored
-- KEYS[2] deadlines of the shard, as in compare-and-set.lua
-- KEYS[3] owners of the shard, as in compare-and-set.lua
-- KEYS[4] the newest version that each writer made in the shard
-- ARGV[1] the id of a new generation
-- ARGV[2] for how many milliseconds its locks are restored; "0": it never had any
-- ARGV[3] the generation to replace, if it is still the present one; "": none
-- ARGV[4] the prefix of every lock of the shard, before its key
--
-- Returns {the generation, now in ms}

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local generation = redis.call("GET", KEYS[1])

if generation and generation == ARGV[3] then
  -- Every lock has a deadline or an owner. Keys that are not named beforehand are in the slot of those that are.
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
-- Writers of some days ago are gone, or no longer compare versions of that time.
local writers = redis.call("HGETALL", KEYS[4])
for at = 1, #writers, 2 do
  if (tonumber(writers[at + 1]) or 0) < (nowMs - 172800000) * 1000 then
    redis.call("HDEL", KEYS[4], writers[at])
  end
end
return { generation, nowMs }
