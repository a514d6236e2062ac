/** What prom-client says of every Node process by itself, under names that are not ours to choose. */
export const NODE_METRICS = {
  startTime: 'process_start_time_seconds',
  cpu: 'process_cpu_seconds_total',
  residentBytes: 'process_resident_memory_bytes',
  heapUsedBytes: 'nodejs_heap_size_used_bytes',
  heapTotalBytes: 'nodejs_heap_size_total_bytes',
  eventLoopDelayP99: 'nodejs_eventloop_lag_p99_seconds',
  eventLoopDelayMax: 'nodejs_eventloop_lag_max_seconds',
  gcDuration: 'nodejs_gc_duration_seconds',
  openFiles: 'process_open_fds',
} as const;
