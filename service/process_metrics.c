#include "service/process_metrics.h"

#include "base/clock.h"
#include "base/metrics.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Pages of memory: column 0 is all that is mapped, column 1 what of it is resident. */
static double pages_in_bytes(size_t column)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";
    char *at = line;
    long pages = 0;

    if (!file)
        return (double)NAN;
    if (!fgets(line, sizeof(line), file))
        line[0] = '\0';
    (void)fclose(file);
    for (size_t i = 0; i <= column; i++)
        pages = strtol(at, &at, 10);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double mapped_bytes(void *context)
{
    (void)context;
    return pages_in_bytes(0);
}

static double resident_bytes(void *context)
{
    (void)context;
    return pages_in_bytes(1);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu_seconds(void *context)
{
    struct rusage usage;

    (void)context;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return (double)NAN;
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static double open_fds(void *context)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = -3; /* ".", ".." and the folder itself */

    (void)context;
    if (!folder)
        return (double)NAN;
    while (readdir(folder))
        n++;
    (void)closedir(folder);
    return n;
}

static double max_fds(void *context)
{
    struct rlimit limit;

    (void)context;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : (double)NAN;
}

static struct metric start_time =
    METRIC_GAUGE("process_start_time_seconds", "Start of the process, seconds since 1970.");

static struct {
    struct metric metric;
    double (*read)(void *context);
} figures[] = {
    {METRIC_GAUGE("process_resident_memory_bytes", "Resident memory."), resident_bytes},
    {METRIC_GAUGE("process_virtual_memory_bytes", "Mapped memory."), mapped_bytes},
    {METRIC_COUNTER("process_cpu_seconds_total", "Processor time, user and system.", NULL, NULL),
     cpu_seconds},
    {METRIC_GAUGE("process_open_fds", "Open file descriptors."), open_fds},
    {METRIC_GAUGE("process_max_fds", "Limit of open file descriptors."), max_fds},
};

void process_metrics_register(void)
{
    metric_set(&start_time, clock_wall_ms() / 1000);
    metric_register(&start_time);
    for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
        metric_register_read(&figures[i].metric, figures[i].read, NULL);
}
