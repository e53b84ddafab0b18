-- Purpose: put dead letters again, with no failure charged and nobody to answer, or drop them.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 redrive or drop  2 only those that died at or after this time, in ms  3 only those before this time, in ms
--          (both empty: all)  4 at most so many, 1 .. 1000; then ids, or none for any
-- Returns: the ids that were taken, oldest first, or in the order given
-- Events:  a token in `wake`
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

-- include: jobs

local verb, since, before, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if verb ~= 'redrive' and verb ~= 'drop' or since ~= '' and not tonumber(since) or before ~= '' and not tonumber(before)
  or not most or most < 1 or most > 1000
then return redis.error_reply('CAP ARGS The arguments of a redrive are malformed.') end
check_keys('job', 'ready', 'ring', 'dead', 'buried', 'meta', 'wake')

local letters = {}
if #ARGV > 4 then
  for i = 5, math.min(#ARGV, most + 4) do
    local at = call('HGET', BURIED, ARGV[i])
    if at then letters[#letters + 1] = call('XRANGE', DEAD, at, at)[1] end
  end
else
  letters = call('XRANGE', DEAD, since ~= '' and since or '-', before ~= '' and '(' .. before .. '-0' or '+', 'COUNT', most)
end

local taken = {}
for _, letter in ipairs(letters) do
  local field = {}
  for i = 1, #letter[2], 2 do field[letter[2][i]] = letter[2][i + 1] end
  local id, group, options = field.id, field.group, field.options
  if call('XDEL', DEAD, letter[1]) == 1 then -- an id may be named twice
    if call('HGET', BURIED, id) == letter[1] then call('HDEL', BURIED, id) end
    -- Put again under its own id since it died: that one counts.
    if verb == 'redrive' and call('HEXISTS', JOB, id) == 0 then
      options = string.gsub(options, ' x%d+', '')
      call('DEL', P .. 'result:' .. id)
      call('HSET', JOB, id, group .. ' ' .. options .. '\n' .. field.data)
      if group == '' then make_ready(id, options)
      elseif call('RPUSH', P .. 'group:' .. group, id) == 1 then call('ZADD', RING, int(turn()), group) end
    end
    taken[#taken + 1] = id
  end
end
keep_turns()
if verb == 'redrive' and #taken > 0 then wake() end
return taken
