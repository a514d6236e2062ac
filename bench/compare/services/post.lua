-- What wrk posts, and its figures as one line of JSON at the end.
wrk.method = "POST"
wrk.body = '{"qty":1.5}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"

function done(summary)
  local e = summary.errors
  io.write(string.format('\n{"answered":%d,"seconds":%.6f,"faults":%d}\n', summary.requests, summary.duration / 1e6,
    e.connect + e.read + e.write + e.status + e.timeout))
end
