-- wrk script: round-robin over the paths in URLS_FILE (one a line) with the cookie in COOKIE; prints one JSON line.
local paths, i = {}, 0
function init(args)
  for line in io.lines(os.getenv('URLS_FILE')) do if #line > 0 then paths[#paths + 1] = line end end
  local cookie = os.getenv('COOKIE')
  if cookie and cookie ~= '' then wrk.headers['Cookie'] = cookie end
  math.randomseed(os.time())
  i = math.random(0, #paths - 1)
end
function request()
  i = i + 1
  return wrk.format('GET', paths[(i - 1) % #paths + 1])
end
function done(s, l, r)
  local e = s.errors
  io.write(string.format('RESULT {"requests":%d,"seconds":%.3f,"bytes":%d,"p50_ms":%.2f,"p95_ms":%.2f,"failed":%d}\n',
    s.requests, s.duration / 1e6, s.requests > 0 and s.bytes / s.requests or 0,
    l:percentile(50) / 1000, l:percentile(95) / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end
