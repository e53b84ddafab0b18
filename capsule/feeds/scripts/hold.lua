-- Purpose: stop handing out, or begin again: a queue, or one group. What is handed out goes on; puts are taken.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 hold or release  2 a group, or empty for the whole queue
-- Returns: 1, or 0 if it was so already
-- Events:  a token in `wake` on a release
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

-- include: jobs

local verb, group = ARGV[1], ARGV[2]
if #ARGV ~= 2 or verb ~= 'hold' and verb ~= 'release' or group ~= '' and not name_ok(group, 128) then
  return redis.error_reply('CAP ARGS The arguments of a hold are malformed.')
end
check_keys('ring', 'held', 'meta', 'wake')

if verb == 'hold' then
  -- A group is parked (1) when its turn comes.
  return group == '' and call('HSETNX', META, 'held', '1') or group ~= '' and call('HSETNX', HELD, group, '0')
end
local was
if group == '' then was = call('HDEL', META, 'held')
else
  local parked = call('HGET', HELD, group)
  was = call('HDEL', HELD, group)
  if parked == '1' and call('EXISTS', P .. 'group:' .. group) == 1 then
    call('ZADD', RING, int(turn()), group)
    keep_turns()
  end
end
if was == 1 then wake() end
return was
