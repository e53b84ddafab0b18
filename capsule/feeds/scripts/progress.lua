-- Purpose: say how far a job is. The last text is kept until the job ends.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 group (empty: jobs without one)  2 the claim's epoch  3 job id  4 text, at most 64 KiB
-- Returns: 1, or 0 when the claim is not current any more, or the job has ended
-- Events:  id, `progress` and the text on the job's reply stream
-- Errors:  CAP ARGS, CAP LIMIT; WRONGTYPE when a key holds something else

-- include: jobs

local group, epoch, id, text = unpack(ARGV, 1, 4)
if #ARGV ~= 4 then return redis.error_reply('CAP ARGS The arguments of a progress are malformed.') end
if #text > 65536 then return redis.error_reply('CAP LIMIT A progress is at most 65536 bytes.') end
check_keys('job', 'claims', 'progress')

local claim = call('HGET', CLAIMS, group ~= '' and group or ':' .. epoch)
if string.match(claim or '', '^%d+') ~= epoch then return 0 end
local record = call('HGET', JOB, id)
local of, reply = parts(record or ': \n')
if of ~= group or group == '' and call('SISMEMBER', P .. 'batch:' .. epoch, id) == 0 then return 0 end
call('HSET', PROGRESS, id, text)
if reply ~= '' then
  answer(reply, id, 'progress', text)
  write_answers()
end
return 1
