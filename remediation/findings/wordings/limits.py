"""What runs out or was never there: memory, GPUs, connections, workers, room in queues, open files, settings of kernel and processor."""

from collections.abc import Mapping, Sequence

LIMITS: Mapping[str, Sequence[str]] = {
    "out_of_memory_inside": (
        r"java\.lang\.OutOfMemoryError(?:: (?!unable to create)[\w -]+)?|OutOfMemoryError: (?!unable to create)|Java heap space",
        r"GC overhead limit exceeded",
        r"JavaScript heap out of memory|Allocation failed - JavaScript heap|fatal error: runtime: out of memory|\bMemoryError\b",
        r"[Cc]annot allocate memory|ENOMEM|std::bad_alloc|OOM command not allowed|memory allocation of \d+ bytes failed|NoMemoryError",
        r"Allowed memory size of \d+ bytes exhausted|System\.OutOfMemoryException|fatal: out of memory|exceeded memory limit",
        r"(?<!CUDA )(?<!CUDA error: )\b[Oo]ut of memory\b(?! exception|: Killed process| \(oom_kill_allocating)",
    ),
    "gpu_memory": (r"CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|HIP out of memory",),
    "gpu_unavailable": (
        r"CUDA driver version is insufficient",
        r"[Cc]ould not load NVML|[Ff]ailed to initialize NVML|[Dd]river/library version mismatch",
        r"no CUDA-capable device|No CUDA GPUs are available|CUDA(?:-| )unknown error|CUDA_ERROR_(?:NO_DEVICE|SYSTEM|UNKNOWN|NOT_INIT)\w*",
        r"couldn't communicate with the NVIDIA driver|nvidia-container-cli: |libcuda\.so[.\d]*: cannot open",
        r"libnvidia-ml\.so[.\d]*: cannot open",
        r"Found no NVIDIA driver|NVIDIA driver on your system is too old|NVRM: Xid|uncorrectable ECC error|GPU has fallen off the bus",
        r"failed call to cuInit",
    ),
    "too_many_connections": (
        r"[Tt]oo many connections|remaining connection slots are reserved|too many clients already|max number of clients reached",
        r"max_connections|max_user_connections|max_client_conn|no more connections allowed|[Cc]onnection limit exceeded",
        r"connection pool (?:is )?exhausted|pool exhausted|QueuePool limit|[Tt]imeout acquiring a connection|The pool is probably full",
        r"timeout (?:waiting|exceeded) .*(?:connection from (?:the )?pool|acquir)|Connection is not available, request timed out",
        r"[Tt]imed out fetching a new connection from the connection pool|timeout exceeded when trying to connect|query_wait_timeout",
        r"The timeout period elapsed prior to obtaining a connection from the pool|too many connections for (?:role|database)",
    ),
    "workers_busy": (
        r"server reached (?:pm\.)?(?:max_children|MaxRequestWorkers|MaxClients)(?: setting)?|worker_connections (?:are|is) not enough",
        r"[Tt]hread pool (?:is )?(?:exhausted|full)|[Aa]ll (?:\d+ )?(?:worker )?threads (?:are )?(?:busy|in use)",
        r"RejectedExecutionException",
        r"uWSGI listen queue [^\n]*full|listen queue of socket [^\n]*full",
    ),
    "consumer_lag": (
        r"consumer lag|lag (?:is )?(?:high|growing|exceed)|queue (?:is )?full|backlog (?:is )?growing|message backlog",
        r"\bqueue\b[^\n]{0,40}\bmax size \d+",
        r"queue depth",
        r"MessageTooLarge|RecordTooLarge|max\.poll\.interval\.ms|CommitFailedException|memory resource limit alarm",
        r"disk resource limit alarm",
    ),
    "file_limit": (
        r"[Tt]oo many open files|EMFILE|inotify[^\n]{0,40}(?:limit|no space left)|no space left on device[^\n]{0,30}inotify",
        r"user limit on total number",
        r"inotify instances|max_user_watches|max_user_instances|ENOSPC: System limit for number of file watchers",
    ),
    "kernel_setting": (
        r"vm\.max_map_count \[\d+\] is too low|max virtual memory areas|max file descriptors \[\d+\] for [^\n]* is too low",
        r"unable to create new native thread|unable to create native thread|pthread_create failed|fork: Resource temporarily unavailable",
        r"fork: retry: Resource temporarily unavailable|can't start new thread|newosproc|memory lock(?:ing)? (?:requested|limit)",
    ),
    "cpu_unsupported": (
        r"Illegal instruction|SIGILL\b|CPU does(?: not|n't) support (?:x86-64-v\d|AVX|SSE)|requires? (?:a )?CPU with (?:AVX|SSE)",
        r"CPU ISA level is lower than required|x86-64-v\d (?:support|instruction)",
    ),
}
