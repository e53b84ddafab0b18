-- Purpose: begin now with what waits for its time: a delay, a backoff, or the turn of its group after a failure.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    the ids
-- Returns: for each id ready (its time is now), waiting (it was ready before, or waits behind others of its group), active
--          (it is handed out), done (it has ended), or unknown
-- Events:  a token in `wake`
-- Errors:  WRONGTYPE when a key holds something else

-- include: jobs

check_keys('job', 'ready', 'ring', 'later', 'delayed', 'claims', 'suspects', 'meta', 'wake')

local states, awake = {}, false
for i, id in ipairs(ARGV) do
  local record = call('HGET', JOB, id)
  local group, _, options = parts(record or ' \n')
  if not record then
    states[i] = call('EXISTS', P .. 'result:' .. id) == 1 and 'done' or 'unknown'
  elseif group == '' then
    if call('ZREM', LATER, id) == 1 then
      make_ready(id, options)
      states[i], awake = 'ready', true
    elseif call('ZSCORE', READY, id) or call('LPOS', SUSPECTS, id) then states[i] = 'waiting'
    else states[i] = 'active' end
  else
    local list = P .. 'group:' .. group
    local out = tonumber(string.match(call('HGET', CLAIMS, group) or '', '^%d+ (%d+)') or 0)
    states[i] = 'waiting'
    if call('LINDEX', list, 0) == id and call('ZREM', DELAYED, group) == 1 then
      call('ZADD', RING, int(turn()), group)
      states[i], awake = 'ready', true
    end
    for _, held in ipairs(out > 0 and call('LRANGE', list, 0, out - 1) or {}) do
      if held == id then states[i] = 'active' end
    end
  end
end
keep_turns()
if awake then wake() end
return states
