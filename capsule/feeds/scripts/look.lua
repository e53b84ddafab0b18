-- Purpose: look at a queue, and change nothing: its numbers, single jobs, or a page of those in one state.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    stats
--          | jobs, most bytes of data, ids...
--          | waiting, most bytes of data, group or empty, first, count: jobs of that group in order, or those without one
--          | delayed | active | dead, most bytes of data, empty, first, count
--          | groups, 0, empty, first, count: groups that wait for their turn, in turn
--          first is a place, from 0; count is at most 1000
-- Returns: stats: a flat list of names and numbers
--          groups: group and number of jobs, flat
--          else for each job 10: id, state (waiting, delayed, active, held, dead, done, unknown), group, when (ms: due, or
--          died; empty), failed attempts, options, reply stream, progress, result, data
-- Events:  none
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

-- include: jobs

local what, bytes, group, first, count = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local function out_of(unit) return tonumber(string.match(call('HGET', CLAIMS, unit) or '', '^%d+ (%d+)') or 0) end
local function field_of(letter, name)
  for i = 1, #letter[2], 2 do
    if letter[2][i] == name then return letter[2][i + 1] end
  end
end

if what == 'stats' then
  local active = 0
  for _, claim in ipairs(call('HVALS', CLAIMS)) do active = active + tonumber(string.match(claim, '^%d+ (%d+)')) end
  local jobs, later = call('HLEN', JOB), call('ZCARD', LATER)
  local stats = { 'jobs', jobs, 'waiting', jobs - later - active, 'delayed', later, 'active', active,
    'claims', call('HLEN', CLAIMS), 'groups_waiting', call('ZCARD', RING), 'groups_backing_off', call('ZCARD', DELAYED),
    'groups_held', call('HLEN', HELD), 'held', call('HEXISTS', META, 'held'), 'dead', call('XLEN', DEAD),
    'schedules', call('HLEN', P .. 'schedules') }
  for _, how in ipairs({ 'done', 'dead', 'expired', 'cancelled' }) do
    stats[#stats + 1] = 'ended_' .. how
    stats[#stats + 1] = tonumber(call('HGET', META, how) or 0)
  end
  return stats
end

local rows = {}
local function row(...)
  for _, cell in ipairs({ ... }) do rows[#rows + 1] = cell end
end
local function dead_row(letter)
  row(field_of(letter, 'id'), 'dead', field_of(letter, 'group'), string.match(letter[1], '^%d+'),
    field_of(letter, 'attempts'), field_of(letter, 'options'), '', '', field_of(letter, 'reason'),
    string.sub(field_of(letter, 'data'), 1, bytes))
end
local function place(id, of)
  if of == '' then
    local due = call('ZSCORE', LATER, id)
    if due then return 'delayed', due end
    return (call('ZSCORE', READY, id) or call('LPOS', SUSPECTS, id)) and 'waiting' or 'active', ''
  end
  local out, list = out_of(of), P .. 'group:' .. of
  for _, held in ipairs(out > 0 and call('LRANGE', list, 0, out - 1) or {}) do
    if held == id then return 'active', '' end
  end
  local due = call('ZSCORE', DELAYED, of)
  if due and call('LINDEX', list, 0) == id then return 'delayed', due end
  return call('HEXISTS', HELD, of) == 1 and 'held' or 'waiting', ''
end
local function job_row(id, state, when)
  local record = call('HGET', JOB, id)
  if not record then
    local letter, result = call('HGET', BURIED, id), call('GET', P .. 'result:' .. id)
    if letter then dead_row(call('XRANGE', DEAD, letter, letter)[1])
    else row(id, result and 'done' or 'unknown', '', '', 0, '', '', '', result or '', '') end
    return
  end
  local of, reply, options, text = parts(record)
  if not state then state, when = place(id, of) end
  row(id, state, of, when or '', call('HGET', FAILS, id) or 0, options, reply, call('HGET', PROGRESS, id) or '', '',
    string.sub(record, text, text + bytes - 1))
end

if what == 'jobs' and bytes then
  for i = 3, #ARGV do job_row(ARGV[i]) end
  return rows
end
if not (bytes and first and count) or first < 0 or count < 0 or count > 1000 then
  return redis.error_reply('CAP ARGS The arguments of a look are malformed.')
end
local last = first + count - 1
if count == 0 then return rows end
if what == 'waiting' and group ~= '' then
  local out = out_of(group)
  for _, id in ipairs(call('LRANGE', P .. 'group:' .. group, out + first, out + last)) do job_row(id) end
elseif what == 'waiting' then
  for _, id in ipairs(call('ZRANGE', READY, first, last)) do job_row(id, 'waiting') end
elseif what == 'delayed' then
  local found = call('ZRANGE', LATER, first, last, 'WITHSCORES')
  for i = 1, #found, 2 do job_row(found[i], 'delayed', found[i + 1]) end
elseif what == 'active' then
  local skipped, units = 0, call('ZRANGE', LEASES, 0, -1, 'WITHSCORES')
  for i = 1, #units, 2 do
    local unit, out = units[i], out_of(units[i])
    if skipped + out > first and #rows < count * 10 then
      local ids = string.sub(unit, 1, 1) == ':' and call('SMEMBERS', P .. 'batch' .. unit)
        or call('LRANGE', P .. 'group:' .. unit, 0, out - 1)
      table.sort(ids)
      for n, id in ipairs(ids) do
        if skipped + n > first and #rows < count * 10 then job_row(id, 'active', units[i + 1]) end
      end
    end
    skipped = skipped + out
  end
elseif what == 'dead' then
  local letters = call('XRANGE', DEAD, '-', '+', 'COUNT', last + 1)
  for i = first + 1, #letters do dead_row(letters[i]) end
elseif what == 'groups' then
  for _, name in ipairs(call('ZRANGE', RING, first, last)) do row(name, call('LLEN', P .. 'group:' .. name)) end
else return redis.error_reply('CAP ARGS There is no such thing to look at.') end
return rows
