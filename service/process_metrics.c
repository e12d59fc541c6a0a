#include "service/process_metrics.h"

#include "base/clock.h"
#include "base/metrics.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Pages of memory: all that is mapped, and what of it is resident. */
struct memory_pages {
    long mapped;
    long resident;
};

static bool read_pages(struct memory_pages *pages)
{
    FILE *file = fopen("/proc/self/statm", "re");
    bool found;

    if (!file)
        return false;
    found = fscanf(file, "%ld %ld", &pages->mapped, &pages->resident) == 2;
    (void)fclose(file);
    return found;
}

static double resident_bytes(void *context)
{
    struct memory_pages pages;

    (void)context;
    return read_pages(&pages) ? (double)pages.resident * (double)sysconf(_SC_PAGESIZE)
                              : (double)NAN;
}

static double mapped_bytes(void *context)
{
    struct memory_pages pages;

    (void)context;
    return read_pages(&pages) ? (double)pages.mapped * (double)sysconf(_SC_PAGESIZE) : (double)NAN;
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
