-- A booking as the load sends it. The last line is one JSON object, as the load prints it.
wrk.method = "POST"
wrk.body = '{"seats":1}'
wrk.headers["Content-Type"] = "application/json"

function done(summary, latency)
    local errors = summary.errors

    io.write(string.format('{"per_second": %.0f, "answered": %d, "amiss": %d, "latency_us": {"p50": %d, "p90": %d, ' ..
        '"p99": %d, "p999": %d, "max": %d}}\n', summary.requests / summary.duration * 1e6, summary.requests,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50),
        latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max))
end
